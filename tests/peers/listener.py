"""Somebody on this computer whom channels tell of payments."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Listener:
    """Keeps what comes, and answers everybody with 200."""

    def __init__(self):
        heard = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.put((dict(self.headers), body.decode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.heard = heard
        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/told"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def next(self):
        """Headers and body of the next notice."""
        return self.heard.get(timeout=20)
