"""`python -m config.node SCRIPT` runs an npm script with the Node that the installation chose."""

import subprocess
import sys

from config.install import ROOT, node_environment

if __name__ == "__main__":
    sys.exit(subprocess.run(["npm", "run", "--silent", *sys.argv[1:]], cwd=ROOT, env=node_environment(), check=False).returncode)  # noqa: S603, S607
