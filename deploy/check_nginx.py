"""Let nginx itself judge deploy/nginx.conf: with a throw-away certificate and the upstream's name replaced, `nginx -t` must agree."""

import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("nginx.conf")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(  # noqa: S603  our own command
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=shops.example"]
            + ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
            check=True,
            capture_output=True,
        )
        text = SOURCE.read_text()
        for old, new in (
            ("user nginx;", ""),
            ("/var/run/nginx.pid", str(folder / "nginx.pid")),
            ("/etc/nginx/certificates", str(folder)),
            ("web:8000", "127.0.0.1:8000"),
            ("include mime.types", "include /etc/nginx/mime.types"),
        ):
            if old not in text:
                print(f"deploy/nginx.conf lacks {old!r}", file=sys.stderr)
                return 1
            text = text.replace(old, new)
        (folder / "nginx.conf").write_text(text)
        judge = ["nginx", "-t", "-q", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        done = subprocess.run(judge, capture_output=True, text=True, check=False)  # noqa: S603  our own command
        print(done.stderr, end="")
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
