-- What people were asked and who answered; who drives which workflow. Idempotent: run at every start.
create table if not exists questions (
    workflow_id  text not null,
    interrupt_id text not null,              -- LangGraph's
    name         text not null,              -- approve_plan, escalation …
    task_id      text,
    payload      jsonb not null,             -- as the interrupt has it
    asked_at     timestamptz not null default now(),
    answer       jsonb,                      -- a decision; the first one stays
    answered_by  text,
    answered_at  timestamptz,
    taken_at     timestamptz,                -- when the workflow went on with it
    primary key (workflow_id, interrupt_id)
);
create table if not exists drives (
    workflow_id text primary key,
    graph       text not null,               -- as langgraph.json has it
    driver      text not null,               -- server: its keeper sees that the workflow goes on; cli: a person does
    since       timestamptz not null default now()
);
