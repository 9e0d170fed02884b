"""The LangGraph server of this project."""
