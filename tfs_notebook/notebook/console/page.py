"""What happens in the page itself, for front ends that run what a widget brings along.

A kernel that is busy cannot say so, and of an upload that the connection refuses it never
hears. Where a page forbids scripts of its own neither is said.
"""

from __future__ import annotations

from html import escape
from typing import Final

from tfs_notebook.notebook.widgets.page_script import page_script
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["ORDER", "SAID", "UPLOAD", "page_hook", "upload_html", "waiting_html"]

ORDER: Final = "tfs-order"
"""Class of widgets that tell the kernel to do something."""
SAID: Final = "tfs-said"
"""Class of the text that screen readers say when it changes."""
UPLOAD: Final = "tfs-upload"
"""Class of the button that uploads a file."""

# What Jupyter's websockets take (tornado's websocket_max_message_size), and of that a little
# for the message around the file.
_MOST_BYTES: Final = 10 * 1024 * 1024 - 16 * 1024
# Files that are smaller are told in kB.
_KILOBYTES: Final = 100_000

# An order that is heard changes the number. The file input of ipywidgets is not in the page:
# it is met when the button clicks it.
_SCRIPT: Final = """
const root = this.closest('.ROOT');
if (root && !root.dataset.tfsPage) {
  root.dataset.tfsPage = '1';
  const one = (name) => root.querySelector(name);
  const said = setInterval(() => {
    if (!one('.SAID')) return;
    one('.SAID').setAttribute('role', 'status');
    clearInterval(said);
  }, 100);
  const order = (event) => {
    if (!event.target.closest('.ORDER')) return;
    const before = one('.tfs-waiting')?.dataset.heard;
    setTimeout(() => {
      const now = one('.tfs-waiting');
      if (now && now.dataset.heard === before) now.textContent = now.dataset.text;
    }, 800);
  };
  const say = (text, file, kind) => {
    const told = one('.tfs-upload-state');
    if (!told || !text) return;
    const size = file.size < 1e5 ? Math.ceil(file.size / 1e3) + ' kB'
      : (file.size / 1e6).toFixed(1) + ' MB';
    const said = text.split('{size}').join(size).split('{name}').join(file.name);
    told.className = 'tfs-upload-state ' + kind;
    told.textContent = [told.dataset.here, said].filter(Boolean).join(' ');
  };
  const chosen = (event) => {
    const file = event.target.files[0];
    const told = one('.tfs-upload-state');
    if (!file || !told) return;
    const key = file.name + ' ' + file.size;
    if (file.size > Number(told.dataset.most) && root.dataset.tfsLarge !== key) {
      root.dataset.tfsLarge = key;
      event.stopImmediatePropagation();
      say(told.dataset.large, file, 'tfs-refused');
      one('.tfs-path input')?.focus();
      return;
    }
    root.dataset.tfsLarge = '';
    say(told.dataset.begun, file, 'tfs-soft');
    setTimeout(() => {
      if (one('.tfs-upload-state') === told) say(told.dataset.late, file, 'tfs-refused');
    }, 10000);
  };
  const upload = (event) => {
    if (!event.target.closest('.UPLOAD')) return;
    const inputs = HTMLInputElement.prototype;
    const click = inputs.click;
    inputs.click = function () {
      inputs.click = click;
      if (this.type === 'file' && !this.dataset.tfsPage) {
        this.dataset.tfsPage = '1';
        this.addEventListener('change', chosen, true);
      }
      click.call(this);
    };
    setTimeout(() => { inputs.click = click; });
  };
  root.addEventListener('click', order, true);
  root.addEventListener('change', (event) => {
    if (event.target.matches('select')) order(event);
  }, true);
  root.addEventListener('click', upload, true);
}
"""


def page_hook(root: str) -> str:
    """What has this happen once it is shown.

    Args:
        root: class of the element that it is for.
    """
    script = (
        _SCRIPT.replace("ROOT", root)
        .replace("ORDER", ORDER)
        .replace("UPLOAD", UPLOAD)
        .replace("SAID", SAID)
    )
    return page_script(script, ".tfs-waiting:empty{display:none}")


def waiting_html(heard: int, translate: Translate) -> str:
    """Where the page says that the kernel has not heard an order yet.

    Args:
        heard: how many it has.
        translate: into the reader's language.
    """
    text = translate("The kernel is busy with a cell; this waits until that is done.")
    return (
        f'<span class="tfs-waiting tfs-soft" role="status" data-heard="{heard}" '
        f'data-text="{escape(text, quote=True)}"></span>'
    )


def upload_html(arrived: int, name: str, size: int, translate: Translate) -> str:
    """Where the page tells of an upload, and the kernel that it is there.

    Args:
        arrived: how many have.
        name: of the file that is there; empty for none.
        size: of it in bytes.
        translate: into the reader's language.
    """
    texts = {
        "begun": translate("{name} ({size}) is on its way …"),
        "late": translate(
            "{name} ({size}) has not arrived yet. If the connection does not take it, "
            "type its path."
        ),
        "large": translate(
            "{name} has {size}, more than the notebook's connection usually takes; it was "
            "not sent. Type its path instead, or choose it again to send it all the same."
        ),
    }
    data = "".join(f' data-{key}="{escape(text, quote=True)}"' for key, text in texts.items())
    said = ""
    if name:
        told = f"{-(-size // 1000)} kB" if size < _KILOBYTES else f"{size / 1e6:.1f} MB"
        said = escape(
            translate("{name} ({size}) is here.").format(name=name, size=told), quote=True
        )
    return (
        f'<div class="tfs-upload-state tfs-soft" role="status" data-arrived="{arrived}" '
        f'data-here="{said}" data-most="{_MOST_BYTES}"{data}>{said}</div>'
    )
