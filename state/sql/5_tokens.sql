-- Access: tokens and the page's sessions. What opens a door is kept as its SHA-256 alone. Idempotent: run at every start.
create table if not exists tokens (
    name         text primary key,           -- stays taken after a revocation: it stands beside old approvals
    role         text not null,              -- reader, operator, approver
    token_hash   bytea not null unique,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz,                -- to the minute
    revoked_at   timestamptz
);
create table if not exists sessions (
    session_hash bytea primary key,
    token_name   text not null references tokens (name),
    expires_at   timestamptz not null
);
