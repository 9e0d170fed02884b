-- What each step took, and the indexes that the metrics are read by. Idempotent: run at every start.
create table if not exists steps (
    step_key        text primary key,            -- a repeated step is the same row
    workflow_id     text not null,
    task_id         text,                        -- null: a step of the workflow, such as planning
    role            text not null,               -- the node: architect, coder, gates …
    attempt         int not null,
    seconds         double precision not null,
    sandbox_runs    int not null default 0,
    sandbox_seconds double precision not null default 0,
    at              timestamptz not null default now()
);
create index if not exists steps_by_role on steps (role, workflow_id, task_id)
    include (seconds, sandbox_runs, sandbox_seconds);
create index if not exists model_calls_by_model on model_calls (model, role, status)
    include (workflow_id, task_id, cost_usd, input_tokens, output_tokens);
create index if not exists events_dispatches on events (workflow_id, task_id) where event_type = 'task.dispatched';
create index if not exists events_outcomes on events (workflow_id, task_id, seq)
    where event_type in ('task.completed', 'task.failed');
create index if not exists events_verdicts on events (event_type)
    where event_type in ('test.passed', 'test.failed') and task_id is not null;
create index if not exists events_flaky on events (workflow_id)
    where event_type = 'workflow.branch.created' and data ->> 'failure_class' = 'flaky_test';
create index if not exists questions_open on questions (name, asked_at) where answered_at is null;
