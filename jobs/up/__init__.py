"""`manage.py up`: everything on one machine, started and stopped in the right order."""
