"""The words of the system: JSON Schemas, their models, ports and errors. Imports nothing of the project."""
