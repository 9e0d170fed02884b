-- Todo lists by their id, and what an idempotency key stands for. Idempotent: run at every start.
create table if not exists todo_lists (
    todo_list_id text primary key,
    document     jsonb not null,
    workflow_id  text,                       -- that planned it
    created_by   text not null,
    created_at   timestamptz not null default now()
);
create table if not exists idempotency_keys (
    caller      text not null,
    key         text not null,
    digest      text not null,               -- SHA-256 of route and body
    workflow_id text not null,               -- that the first request started, or was about to start
    created_at  timestamptz not null default now(),
    primary key (caller, key)
);
