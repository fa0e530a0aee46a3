"""A real nginx on the loop-back, with a configuration and folders of its own."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from yarl import URL

INSTALL = "apt-get install -y nginx-light"
PATIENCE = 10.0  # seconds for nginx to come up

# Debian keeps it where only root's PATH leads.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")

needs_nginx = pytest.mark.skipif(
    NGINX is None, reason=f"NGINX IS NOT INSTALLED, so nothing here was tried on a real server. Install it: {INSTALL}"
)

CONFIG = """
daemon off;
worker_processes 1;
{user}
pid {base}/nginx.pid;
error_log {base}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {base}/body;
    proxy_temp_path {base}/proxy;
    fastcgi_temp_path {base}/fastcgi;
    uwsgi_temp_path {base}/uwsgi;
    scgi_temp_path {base}/scgi;
    types {{ text/plain txt; application/json json; }}
    default_type application/octet-stream;
    gzip_types text/plain application/json;
    gzip_min_length 100;
    keepalive_requests 100000;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {base}/chain.pem;
        ssl_certificate_key {base}/key.pem;
        root {base}/root;

        location / {{ }}
        location /gzip/ {{ gzip on; alias {base}/root/; }}
        location = /echo {{ default_type text/plain; return 200 "$request_method $request_uri"; }}
        location = /connection {{ default_type text/plain; return 200 "$connection $connection_requests"; }}
        location = /impatient {{
            keepalive_timeout 50ms; default_type text/plain; return 200 "$connection $connection_requests";
        }}
        location = /single {{ keepalive_timeout 0; default_type text/plain; return 200 "$connection"; }}
        location = /drop {{ return 444; }}
        location = /nothing {{ return 204; }}
        location = /small {{ client_max_body_size 1k; default_type text/plain; return 200 "small enough"; }}
        location = /redirect {{ return 302 /echo; }}
        location = /loop {{ return 302 /loop; }}
        location = /cookie {{
            add_header Set-Cookie "session=abc; Path=/; HttpOnly"; default_type text/plain; return 200 "$http_cookie";
        }}
        location = /secret {{
            auth_basic "secrets"; auth_basic_user_file {base}/users; try_files /hello.txt =404;
        }}
        location = /teapot {{ default_type application/json; return 418 '{{"short": "stout"}}'; }}
        location /proxy/ {{
            client_max_body_size 64m;
            proxy_http_version 1.1;
            proxy_pass http://127.0.0.1:$http_x_port;
        }}
        location /unbuffered/ {{
            client_max_body_size 64m;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_pass http://127.0.0.1:$http_x_port;
        }}
    }}
}}
"""


class Nginx:
    """Where a running nginx is reached, and the folder it serves."""

    def __init__(self, base: Path, port: int, tls_port: int) -> None:
        self.root = base / "root"
        self.error_log = base / "error.log"
        self.url = URL.build(scheme="http", host="127.0.0.1", port=port, path="/")
        self.tls_url = URL.build(scheme="https", host="localhost", port=tls_port, path="/")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _start(base: Path) -> tuple["subprocess.Popen[bytes]", Nginx]:
    """Start it; try other ports where somebody else took those that were free a moment ago."""
    deadline = time.monotonic() + PATIENCE
    while True:
        port, tls_port = _free_ports()
        user = "user root;" if os.geteuid() == 0 else ""
        (base / "nginx.conf").write_text(CONFIG.format(base=base, port=port, tls_port=tls_port, user=user))
        command = [str(NGINX), "-p", str(base), "-c", str(base / "nginx.conf"), "-e", str(base / "error.log")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while process.poll() is None:
            if _answers(tls_port):
                return process, Nginx(base, port, tls_port)
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.01)
        said = process.communicate()[1].decode(errors="replace")
        if "Address already in use" not in said or time.monotonic() > deadline:
            raise RuntimeError(f"nginx does not start: {said}")


@contextmanager
def running(base: Path, authority: trustme.CA) -> Iterator[Nginx]:
    """Run nginx under *base* until the block ends; its certificate is for ``localhost``."""
    (base / "root").mkdir()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(base / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(base / "chain.pem", append=True)
    (base / "users").write_text("user:{PLAIN}pass word\n")
    process, nginx = _start(base)
    try:
        yield nginx
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
