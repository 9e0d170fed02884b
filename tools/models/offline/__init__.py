"""The offline model: reads strategy requests in English and writes plans, contracts, tests and code for them."""
