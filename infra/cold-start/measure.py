"""Starts programs as Lambda does, lets each answer one request, and tells what that took; then lets
each answer many.

A start is the process's own: its CPU time is what the operating system counted for it, its peak
memory is what it had at most until the answer, its wall time is from the start to the answer. Linux
only: /proc tells the memory, because the other count begins with that of who started it. Programs
take turns, so that a noisy moment is shared by all.
"""

import argparse
import io
import json
import os
import shlex
import signal
import statistics
import subprocess
import time
import zipfile

from runtime_api import RuntimeApi
from world import World


def launch(name, command, variables, api):
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "PATH": os.environ["PATH"], **variables,
    }
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process):
    """Kills it; what it used."""
    os.kill(process.pid, signal.SIGKILL)  # Popen's own would reap one that has ended.
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = -9
    return used


def start(name, command, variables, world):
    """One cold start: wall and CPU milliseconds, peak memory in megabytes."""
    api = RuntimeApi([world.request(name)])
    began = time.monotonic()
    process = launch(name, command, variables, api)
    try:
        if not api.answered.wait(30):
            raise SystemExit(f"{name}: no answer in 30 s")
        with open(f"/proc/{process.pid}/status") as status_file:
            peak = next(line.split()[1] for line in status_file if line.startswith("VmHWM:"))
    finally:
        used = end(process)
        api.close()
    api.check(name)
    ended = api.answers[0][0]
    return (ended - began) * 1000, (used.ru_utime + used.ru_stime) * 1000, int(peak) / 1000


def cpu_ms(pid):
    """Milliseconds of CPU that a process took so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def warm(name, command, variables, world, count):
    """Many requests of one process, one after the other: wall and CPU milliseconds of each, after the
    first tenth. The stand-in's own time is in the wall time of all."""
    skipped = count // 10
    first, rest = RuntimeApi([world.request(name) for _ in range(count)]), count - skipped
    process, asked = launch(name, command, variables, first), time.monotonic()
    try:
        while len(first.answers) < skipped:
            if time.monotonic() - asked > 60:
                raise SystemExit(f"{name}: {len(first.answers)} answers in 60 s")
            time.sleep(0.001)
        began, used, done = time.monotonic(), cpu_ms(process.pid), len(first.answers)
        if not first.answered.wait(120):
            raise SystemExit(f"{name}: {len(first.answers)} of {count} answers in 120 s")
        rest = count - done
        used = cpu_ms(process.pid) - used
    finally:
        end(process)
        first.close()
    first.check(name)
    return (first.answers[-1][0] - began) * 1000 / rest, used / rest


def zipped(path):
    """Megabytes of what is uploaded."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path)
    return len(packed.getvalue()) / 1e6


def environments(names, by_id):
    """The variables of each program: as deployed, where nothing but the authorizer checks tokens."""
    gifts = {**by_id["GiftsFunction"], "JWT_JWKS": "", "GIFTS_PER_MINUTE": "1000000"}
    special = {
        "minimal": {"AWS_ENDPOINT_URL_DYNAMODB": gifts["DYNAMODB_ENDPOINT"]},
        "raw": {"AWS_ENDPOINT_URL_DYNAMODB": gifts["DYNAMODB_ENDPOINT"]},
        "node": gifts,
        "python": {**gifts, "PYTHONPATH": os.path.join(os.path.dirname(os.path.abspath(__file__)), "python")},
    }
    own = {name: {**by_id.get(f"{name.capitalize()}Function", {}), "JWT_JWKS": ""} for name in names}
    return {**own, "gifts": gifts, **special}


def table(medians, sizes):
    least = medians["minimal"]
    print(f"{'':<10}{'wall ms':>9}{'ratio':>7}{'CPU ms':>9}{'ratio':>7}{'peak MB':>9}{'ratio':>7}{'zipped MB':>11}")
    for name, values in medians.items():
        columns = "".join(f"{value:>9.1f}{value / base:>7.2f}" for value, base in zip(values, least))
        print(f"{name:<10}{columns}{sizes[name]:>11.2f}")
    for other in ("node", "python"):
        if other in medians and "gifts" in medians:
            ratios = [value / ours for value, ours in zip(medians[other], medians["gifts"])]
            print(f"{other} takes {ratios[0]:.1f} times the wall time of gifts, "
                  f"{ratios[1]:.1f} times its CPU, {ratios[2]:.1f} times its memory")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--warm", type=int, default=0)
    parser.add_argument("--base", required=True)
    parser.add_argument("--env", required=True)
    parser.add_argument("programs", nargs="+", metavar="NAME=PACKAGE=COMMAND")
    arguments = parser.parse_args()
    programs = {name: (package, shlex.split(command))
                for name, package, command in (program.split("=", 2) for program in arguments.programs)}
    with open(arguments.env) as file:
        # The file is for containers, which know this machine by another name.
        by_id = json.loads(file.read().replace("host.docker.internal", "127.0.0.1"))
    variables = environments(programs, by_id)
    world = World(arguments.base, by_id["WebhookFunction"]["STRIPE_WEBHOOK_SECRETS"].split(",")[0])
    taken = {name: [] for name in programs}
    for run in range(arguments.runs + 1):
        for name, (_, command) in programs.items():
            measured = start(name, command, variables[name], world)
            if run:  # The first run fills the file cache.
                taken[name].append(measured)
    print(f"\n{arguments.runs} cold starts each, in turns; medians, and ratios to the minimal function\n")
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in taken.items()}
    table(medians, {name: zipped(package) for name, (package, _) in programs.items()})
    if arguments.warm:
        print_warm(programs, variables, world, arguments.warm)


def print_warm(programs, variables, world, count):
    names = [name for name in ("gifts", "raw", "node", "python") if name in programs]
    taken = {name: [] for name in names}
    for _ in range(5):
        for name in names:
            taken[name].append(warm(name, programs[name][1], variables[name], world, count // 5))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in taken.items()}
    print(f"\n{count} warm requests each, one after the other, in five turns; medians, and ratios to the bare calls\n")
    print(f"{'':<10}{'wall ms':>9}{'ratio':>7}{'CPU ms':>9}{'ratio':>7}")
    for name, values in medians.items():
        print(f"{name:<10}" + "".join(f"{value:>9.2f}{value / base:>7.2f}" for value, base in zip(values, medians["raw"])))


main()
