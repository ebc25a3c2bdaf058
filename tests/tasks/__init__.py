"""Django's tasks on the backend. Also the app `tests.tasks`, with a `tasks` module as Django projects have one."""
