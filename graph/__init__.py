"""The graphs: nodes, then edges; routers stand beside the edges they serve. `driver` starts and resumes them."""
