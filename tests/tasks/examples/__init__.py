"""The examples that the documentation of Django's tasks and of its backport publish, written out as a Django app.

Only the line that imports the framework is ours: `framework` takes it from where it is.
"""
