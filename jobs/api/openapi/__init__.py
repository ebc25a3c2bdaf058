"""The OpenAPI document: what django-ninja knows of the routes, and what our Structs and tables say of the rest."""
