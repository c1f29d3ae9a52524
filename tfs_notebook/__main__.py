"""``python -m tfs_notebook``: the standalone command."""

from tfs_notebook.cli.main import run

if __name__ == "__main__":
    run()
