"""Runs MiniStack for as long as the process that started it lives.

Three things `python -m ministack` does not do, and this does:

* The gateway and the broker listen on one address only, on ports that are bound before they are announced: no race
  for a free port, and nothing of a laptop's cloud is reachable from its network (MiniStack binds the broker to 0.0.0.0).
* The address it listens on and the address it tells its clients (GATEWAY_PORT, the front door) may differ.
* It ends when its standard input closes. The pipe breaks however the parent ends, `kill -9` included, and with this
  process goes its whole process group: the Node workers that run the functions.

Usage: run.py HOST HTTP_PORT MQTT_PORT [FOLDER ...]    (port 0: any free one; the folders are removed if the parent dies)
The first line on standard output is {"http": port, "mqtt": port}; everything after it is log.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading


def listen(host, port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def die_with_parent(folders):
    """Waits for the end of standard input, then ends every process of this group at once."""
    while os.read(0, 4096):
        pass
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if os.name == "posix":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    else:
        subprocess.call(["taskkill", "/F", "/T", "/PID", str(os.getpid())])
    os._exit(1)  # the first process of a container cannot be killed from inside


def serve_on(listener, host, port):
    """Makes whoever asks the event loop for `port` get the listener that is bound already, and never another address."""
    original = asyncio.BaseEventLoop.create_server

    async def create_server(self, factory, asked_host=None, asked_port=None, *, sock=None, **options):
        wanted_host, wanted_port = options.pop("host", asked_host), options.pop("port", asked_port)
        if sock is None and wanted_port == port:
            bound = listener if listener.fileno() != -1 else listen(host, port)
            return await original(self, factory, sock=bound, **options)
        return await original(self, factory, wanted_host, wanted_port, sock=sock, **options)

    asyncio.BaseEventLoop.create_server = create_server


def main():
    host, http_port, mqtt_port, *folders = sys.argv[1:]
    threading.Thread(target=die_with_parent, args=(folders,), daemon=True).start()
    http, mqtt = listen(host, int(http_port)), listen(host, int(mqtt_port))
    ports = {"http": http.getsockname()[1], "mqtt": mqtt.getsockname()[1]}
    print(json.dumps(ports), flush=True)
    os.dup2(2, 1)

    os.environ["IOT_MTLS_PORT"] = str(ports["mqtt"])
    os.environ.setdefault("GATEWAY_PORT", str(ports["http"]))
    serve_on(mqtt, host, ports["mqtt"])

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"fd://{http.detach()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
