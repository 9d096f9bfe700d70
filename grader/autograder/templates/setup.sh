#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image that submissions are graded in.
# What it installs: libseccomp2 (the sandbox's filter of system calls), uv, Python, and the packages
# of requirements.txt in the versions that this zip was made with.
set -euo pipefail

root="${AUTOGRADER_ROOT:-/autograder}"
# Not below /root: students' code runs as a user who may not pass through there.
home="${TORCHGRADE_HOME:-/opt/torchgrade}"
source="$root/source"
umask 022

if ! ldconfig -p | grep -q 'libseccomp\.so\.2'; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends libseccomp2
fi

if command -v uv >/dev/null; then
    uv=uv
else
    if ! python3 -m pip --version >/dev/null 2>&1; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
            python3-pip ca-certificates
    fi
    # Into a folder of its own, which a system that manages its packages itself allows.
    python3 -m pip install --quiet --target "$home/tools" uv
    uv="$home/tools/bin/uv"
fi

export UV_PYTHON_INSTALL_DIR="$home/python"
export UV_NO_CACHE=1 # nothing is installed twice: the image stays small
"$uv" venv --quiet --clear --python "$(cat "$source/python-version")" "$home/venv"
python="$home/venv/bin/python"
"$uv" pip install --quiet --python "$python" --torch-backend cpu -r "$source/requirements.txt"
packages="$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
printf '%s\n' "$source/engine" >"$packages/torchgrade.pth"

# The hidden checks, the solutions and the seed are root's alone. The sandbox hides them too, but
# this holds where the machine lacks a layer of it.
chmod 711 "$source"
chmod -R go-rwx "$source/course" "$source/settings.json"

# Where submissions are graded the kernel may be another: what is missing here is told, not fatal.
if ! "$python" -P -m grader.cli doctor; then
    echo "WARNING: this machine lacks a layer of the sandbox; see above." >&2
    echo "If submissions are refused for it, see docs/autograding.md on --sandbox best-effort." >&2
fi

# What the checks ask is worked out once, here, and kept where root alone can read it. A machine with
# another processor, or one on which this fails, works it out for each submission.
if ! "$python" -P -m grader.autograder.on_gradescope --record "$root"; then
    echo "WARNING: each submission will take some seconds longer; see above." >&2
fi
