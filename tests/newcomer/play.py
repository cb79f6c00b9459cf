"""A shell that types, a server that runs meanwhile, and a buyer who pays."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

# How long a server may take from a cold build to its first answer.
BUILD_SECONDS = 3_600


def fail(problem):
    sys.exit(f"FAILED: {problem}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A command that goes on, until it is interrupted as with Ctrl-C; then it must end well."""

    def __init__(self, command, project, environment, port):
        self.command, self.port, self.dynamodb = command, port, ""
        self.process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self):
        try:
            self.starts()
        except BaseException:
            self.process.kill()
            raise
        return self

    def starts(self):
        said = []
        # It tells its addresses once it is ready.
        for line in self.process.stdout:
            said.append(line)
            if address := re.search(r"DynamoDB\S*\s+(http://\S+)", line):
                self.dynamodb = address.group(1)
            if "Ctrl-C" in line or f"127.0.0.1:{self.port}" in line and "stripe-sim" in self.command:
                break
        else:
            fail(f"`{self.command}` ended: {''.join(said)[-2_000:]}")
        # What it says from now on is read by nobody, and must not stop it.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        self.answers()

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/healthz")
        connection.getresponse().read()

    def __exit__(self, *_):
        try:
            self.process.send_signal(signal.SIGINT)
            code = self.process.wait(timeout=60)
        finally:
            self.process.kill()
        self.drain.wait()
        if code not in (0, -signal.SIGINT):
            fail(f"`{self.command}` ended with {code}")


class Shell:
    """A terminal: variables that one command sets are there for the next."""

    def __init__(self, project, environment):
        self.project, self.environment, self.before = project, environment, []

    def run(self, command):
        script = "\n".join(["set -euo pipefail", *self.before, command])
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
        )
        if ran.returncode != 0:
            fail(f"`{command}` ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def answer(self, command):
        """What the server answers, which must not be a refusal."""
        text = self.run(command)
        try:
            answer = json.loads(text)
        except ValueError:
            fail(f"`{command}` is answered {text!r}")
        if "code" in answer or "error" in answer:
            fail(f"`{command}` is refused: {text}")
        return answer

    def play(self, block):
        """Types a block; the answers of those commands that show one."""
        from commands import split

        answers = []
        for command in split(block):
            if re.match(r"[A-Z]+=", command):
                value = self.run(f"{command}\nprintf %s \"${command.split('=')[0]}\"")
                self.before.append(f"{command.split('=')[0]}='{value}'")
            else:
                answers.append(self.answer(command))
        return answers

    def until(self, command, is_so):
        """Asks until it is so, for as long as it is answered: what is told a second later."""
        while not is_so(self.answer(command)):
            time.sleep(0.1)


def pay(url, shell):
    """What a browser does with the page: fills in its form, and follows to where it leads."""
    page = shell.run(f"curl -sS --fail '{url}'")
    action = re.search(r'<form[^>]*action="([^"]+)"', page)
    if not action:
        fail(f"{url} has no form:\n{page}")
    target = urllib.parse.urljoin(url, action.group(1))
    shell.run(f"curl -sS --fail --location --output /dev/null -d outcome=succeed '{target}'")
