"""`manage.py up` as a whole: real processes, real signals, the real page."""
