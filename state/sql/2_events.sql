-- The audit log and what is to be told of it outside. Idempotent: run at every start.
create table if not exists events (
    seq            bigint generated always as identity,
    event_id       text primary key,         -- deterministic: a repeated step is the same row
    workflow_id    text not null,            -- the nil UUID: of no workflow
    task_id        text,
    event_type     text not null,
    correlation_id text not null,
    "timestamp"    timestamptz not null,
    source         text not null,
    data           jsonb not null
);
alter table events
    add column if not exists position bigint; -- its place in the Redis stream; 0: older than the relay; null: none yet
create index if not exists events_by_workflow on events (workflow_id, seq);
create unique index if not exists events_by_seq on events (seq);
create index if not exists events_without_position on events (seq) where position is null;
create unique index if not exists events_by_position on events (position) where position > 0;

create table if not exists relay (           -- one row, from the first time that events go to Redis
    only_one  boolean primary key default true check (only_one),
    placed    bigint not null default 0,     -- the last position given to an event
    published bigint not null default 0      -- the last one that was told on the channels
);

create table if not exists webhook_deliveries (
    event_id     text primary key,
    url          text not null,
    created_at   timestamptz not null default now(),
    attempts     int not null default 0,
    next_at      timestamptz default now(),  -- null: delivered, or given up
    delivered_at timestamptz,
    last_error   text
);
create index if not exists webhook_deliveries_due on webhook_deliveries (next_at) where next_at is not null;

-- Writes an event, once. The lock lasts until the transaction ends: within a workflow `seq` is the order of commits.
create or replace function record_event(event jsonb, out is_new boolean, out has_webhook boolean)
language plpgsql as $$
declare
    of_workflow text := event->>'workflow_id';
begin
    has_webhook := false;
    perform pg_advisory_xact_lock(hashtextextended('aidev events ' || of_workflow, 0));
    insert into events (event_id, workflow_id, task_id, event_type, correlation_id, "timestamp", source, data)
        select event_id, workflow_id, task_id, event_type, correlation_id, "timestamp", source, data
        from jsonb_populate_record(null::events, event)
        on conflict (event_id) do nothing;
    is_new := found;
    if not is_new then
        return;
    end if;
    if event->>'event_type' in ('approval.requested', 'workflow.completed', 'workflow.failed', 'workflow.paused') then
        insert into webhook_deliveries (event_id, url)
            select event->>'event_id', options->>'webhook' from workflows
            where workflow_id = of_workflow and options->>'webhook' <> '';
        has_webhook := found;
    end if;
    perform pg_notify('aidev_events', of_workflow);
end $$;
