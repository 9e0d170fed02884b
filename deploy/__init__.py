"""What runs around the server where it is deployed."""
