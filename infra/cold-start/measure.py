"""Starts programs as Lambda does, lets each answer one request, and tells what that took.

A start is the process's own: its CPU time is what the operating system counted for it, its peak
memory is what it had at most until the answer, its wall time is from the start to the answer. Linux
only: /proc tells the memory, because the other count begins with that of who started it. Programs
take turns, so that a noisy moment is shared by all.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RuntimeApi(ThreadingHTTPServer):
    """Lambda's runtime API for one invocation."""

    def __init__(self, event):
        super().__init__(("127.0.0.1", 0), Handler)
        self.event = json.dumps(event).encode()
        self.asked = False
        self.answer = None
        self.answered = threading.Event()
        self.ended = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.server.asked:  # The next invocation never comes.
            self.server.ended.wait(60)
            self.close_connection = True
            return
        self.server.asked = True
        self.send_response(200)
        self.send_header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("lambda-runtime-deadline-ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:f")
        self.send_header("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700")
        self.send_header("content-length", str(len(self.server.event)))
        self.end_headers()
        self.wfile.write(self.server.event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding") == "chunked":
            body = self.chunks()
        if self.server.answer is None:
            self.server.answer = (time.monotonic(), self.path, body)
        self.server.answered.set()
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    def chunks(self):
        body = b""
        while length := int(self.rfile.readline(), 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


def event(route, token, body=None, headers=()):
    """The event of API Gateway's HTTP API for a route without parameters."""
    method, path = route.split(" ")
    return {
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {"authorization": f"Bearer {token}", "content-type": "application/json", **dict(headers)},
        "requestContext": {
            "accountId": "1", "apiId": "api", "routeKey": route, "stage": "$default", "requestId": "request",
            "time": "24/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_000_000_000, "domainName": "localhost",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "-"},
        },
        "body": body, "isBase64Encoded": False,
    }


def call(base, method, path, token=None, body=None, key=None):
    request = urllib.request.Request(base + path, method=method, data=None if body is None else json.dumps(body).encode())
    for name, value in (("authorization", token and f"Bearer {token}"), ("idempotency-key", key),
                        ("content-type", body is not None and "application/json")):
        if value:
            request.add_header(name, value)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class World:
    """Somebody with coins, and a creator to send them to."""

    def __init__(self, base):
        self.base, self.sent = base, 0
        terms = call(base, "GET", "/v1/config")["terms_version"]
        self.fan = call(base, "POST", "/dev/token", body={"user": "fan"})["token"]
        creator = call(base, "POST", "/dev/token", body={"user": "creator"})["token"]
        call(base, "PUT", "/v1/creator", creator, {"display_name": "C", "country": "DE", "terms_version": terms})
        package = call(base, "GET", "/v1/packages")["data"][-1]["id"]
        bought = call(base, "POST", "/v1/recharges", self.fan,
                      {"package_id": package, "currency": "usd", "terms_version": terms}, "r")
        call(bought["checkout_url"], "POST", "/pay", body={"outcome": "succeed"})
        call(base, "POST", "/stripe-sim/deliver", body={})
        self.creator = creator

    def first_request(self, name):
        """A request that reads or writes DynamoDB, and the status that must come of it."""
        if name == "gifts":
            self.sent += 1
            gift = {"gift_id": "rose", "quantity": 1, "creator_id": "creator", "target": {"kind": "live", "id": "l"}}
            return event("POST /v1/gifts/send", self.fan, json.dumps(gift), {"idempotency-key": f"k{self.sent}"}.items()), 201
        routes = {"wallet": "GET /v1/wallet", "creators": "GET /v1/creator/earnings", "packages": "GET /v1/gifts",
                  "minimal": "GET /v1/wallet"}
        if name not in routes:
            raise SystemExit(f"measure.py knows no first request for {name}: add one to first_request")
        return event(routes[name], self.creator if name == "creators" else self.fan), 200


def start(name, program, variables, world):
    """One cold start: wall and CPU milliseconds, peak memory in megabytes."""
    request, status = world.first_request(name)
    api = RuntimeApi(request)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "PATH": os.environ["PATH"], **variables,
    }
    began = time.monotonic()
    process = subprocess.Popen([program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not api.answered.wait(30):
            raise SystemExit(f"{name}: no answer in 30 s")
        with open(f"/proc/{process.pid}/status") as status_file:
            peak = next(line.split()[1] for line in status_file if line.startswith("VmHWM:"))
    finally:
        process.send_signal(signal.SIGKILL)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = -9
        api.ended.set()
        api.shutdown()
        api.server_close()
    ended, path, body = api.answer
    answer = json.loads(body) if path.endswith("/response") else {}
    if answer.get("statusCode") != status:
        raise SystemExit(f"{name}: {path}: {body.decode(errors='replace')}")
    return (ended - began) * 1000, (used.ru_utime + used.ru_stime) * 1000, int(peak) / 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--base", required=True)
    parser.add_argument("--env", required=True)
    parser.add_argument("programs", nargs="+", metavar="NAME=PATH")
    arguments = parser.parse_args()
    programs = dict(program.split("=", 1) for program in arguments.programs)
    with open(arguments.env) as file:
        # The file is for containers, which know this machine by another name.
        by_id = json.loads(file.read().replace("host.docker.internal", "127.0.0.1"))
    variables = {name: by_id.get(f"{name.capitalize()}Function", {}) for name in programs}
    variables["minimal"] = {"AWS_ENDPOINT_URL_DYNAMODB": next(iter(by_id.values()))["DYNAMODB_ENDPOINT"]}
    world = World(arguments.base)
    taken = {name: [] for name in programs}
    for run in range(arguments.runs + 1):
        for name, program in programs.items():
            measured = start(name, program, variables[name], world)
            if run:  # The first run fills the file cache.
                taken[name].append(measured)
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in taken.items()}
    least = medians["minimal"]
    print(f"\n{arguments.runs} cold starts each, in turns; medians, and ratios to the minimal function\n")
    print(f"{'':<10}{'wall ms':>9}{'ratio':>7}{'CPU ms':>9}{'ratio':>7}{'peak MB':>9}{'ratio':>7}{'file MB':>9}")
    for name, values in medians.items():
        size = os.path.getsize(programs[name]) / 1e6
        columns = "".join(f"{value:>9.1f}{value / base:>7.2f}" for value, base in zip(values, least))
        print(f"{name:<10}{columns}{size:>9.2f}")


main()
