-- Workflows and their model calls, beside LangGraph's checkpoints. Idempotent: run at every start.
create table if not exists workflows (
    workflow_id text primary key,
    created_at  timestamptz not null,
    updated_at  timestamptz not null default now(),
    input       jsonb not null,              -- what the person gave: request, repo, todo_list
    options     jsonb not null,              -- state/options.py; todo_caps: raised ones, by todo and kind
    status      text not null,               -- running, waiting, completed, failed, blocked, rejected, cancelled
    stop_reason text                         -- one word, as schemas/stops.py has them
);
alter table workflows
    add column if not exists reason         text,                                 -- the same in a sentence
    add column if not exists worked_seconds double precision not null default 0,
    add column if not exists ticked_at      timestamptz,                          -- worked_seconds counts up to here
    add column if not exists ticked_by      text;                                 -- the process whose clock runs
create table if not exists model_calls (
    call_id       bigint generated always as identity primary key,
    call_key      text not null,             -- names the step that asked; a finished call is never made again
    workflow_id   text not null,
    task_id       text,
    role          text not null,
    attempt       int  not null,
    model         text not null,
    status        text not null,             -- reserved, answered, failed, lost
    error         text,
    response      jsonb,                     -- the raw message, as LangChain dumps it
    script_entry  int,                       -- the entry of script:FILE that was used up
    input_tokens  int not null default 0,    -- this and the next two: estimated until it is known what was used
    output_tokens int not null default 0,
    cost_usd      numeric not null default 0,
    seconds       double precision not null, -- while reserved: the longest that it may take
    created_at    timestamptz not null default now()
);
alter table model_calls
    add column if not exists owner text;     -- the process that made the request
create unique index if not exists model_calls_once on model_calls (call_key) where status = 'answered';
create index if not exists model_calls_by_workflow on model_calls (workflow_id);
