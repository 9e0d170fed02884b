#!/usr/bin/env bash
# A session with the HTTP API, from a request to a release: `make dev PORT=8000`, then `examples/api.sh`.
# URL, TOKEN (docs/access.md), MODEL and REQUEST in the environment say otherwise.
set -euo pipefail

URL=${URL:-http://localhost:8000}
MODEL=${MODEL:-offline}
REQUEST=${REQUEST:-Buy when RSI(14) crosses above 30; sell when RSI rises above 70, with a 5% stop loss}

api() { # PATH [CURL OPTIONS]
    curl -sS --fail-with-body -H "Authorization: Bearer ${TOKEN:-}" "$URL$1" "${@:2}"
}

post() { # PATH BODY [CURL OPTIONS]
    api "$1" -H 'Content-Type: application/json' -d "$2" "${@:3}"
}

body() { # NAME VALUE …
    python3 -c 'import json, sys; print(json.dumps(dict(zip(sys.argv[1::2], sys.argv[2::2]))))' "$@"
}

field() { # NAME
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

standing() { # what waits for an answer and its id, else the status
    api "/orchestrator/status/$workflow_id" | python3 -c '
import json, sys
found = json.load(sys.stdin)
print(*next(((asked["name"], asked["interrupt_id"]) for asked in found["questions"]), [found["status"]]))'
}

todo_list_id=$(post /planner/plan "$(body request "$REQUEST" model "$MODEL")" | field todo_list_id)
echo "planned:   $todo_list_id"
api "/planner/todo_list/$todo_list_id" | python3 -m json.tool

start=$(body todo_list_id "$todo_list_id" model "$MODEL")
key="Idempotency-Key: example-$todo_list_id"
workflow_id=$(post /orchestrator/execute "$start" -H "$key" | field workflow_id)
echo "started:   $workflow_id"
echo "once only: $(post /orchestrator/execute "$start" -H "$key" | field workflow_id)"

while found=$(standing) && [ "$found" != completed ]; do
    read -r state asked <<<"$found"
    case $state in
        approve_*)
            answer=$(body decision approve interrupt_id "$asked")
            echo "approved:  $state: $(post "/orchestrator/approve/$workflow_id" "$answer")"
            ;;
        running | waiting) sleep 1 ;;
        *) echo "It needs a person: $URL/app/workflows/$workflow_id says why: $state" >&2 && exit 1 ;;
    esac
done

api "/orchestrator/diff/$workflow_id"
api "/orchestrator/artifacts/$workflow_id" | python3 -m json.tool
echo "completed: $workflow_id"
