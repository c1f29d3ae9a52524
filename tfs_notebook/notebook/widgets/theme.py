"""How widgets of this package look: JupyterLab's colours where there are some."""

from __future__ import annotations

from typing import Final

__all__ = ["CSS", "ROOT"]

ROOT: Final = "tfs-widget"
"""Class of the outermost element of a widget, and of its static copy."""

# Elsewhere than in JupyterLab: VS Code's variables, else what fits the colour of the text,
# so that light and dark pages both come out right.
CSS: Final = """
.tfs-widget{
--tfs-ink:var(--jp-ui-font-color1,var(--vscode-editor-foreground,currentColor));
--tfs-soft:var(--jp-ui-font-color2,color-mix(in srgb,currentColor 72%,transparent));
--tfs-line:var(--jp-border-color2,color-mix(in srgb,currentColor 22%,transparent));
--tfs-fill:var(--jp-layout-color2,color-mix(in srgb,currentColor 7%,transparent));
--tfs-brand:var(--jp-brand-color1,#1976d2);
--tfs-good:#2e9e53;--tfs-bad:#e05252;--tfs-warn:#c77c11;
--tfs-good-bar:var(--jp-success-color1,#2e9e53);
--tfs-mono:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);
color:var(--tfs-ink);font-family:var(--jp-ui-font-family,system-ui,sans-serif);
font-size:var(--jp-ui-font-size1,13px);line-height:1.45}
[data-jp-theme-light="false"] .tfs-widget,.vscode-dark .tfs-widget{
--tfs-good:#6fcf8b;--tfs-bad:#ff8a80;--tfs-warn:#ffb74d;--tfs-good-bar:#43a863}
[data-jp-theme-light="true"] .tfs-widget,.vscode-light .tfs-widget{
--tfs-soft:#5f6368;--tfs-good:#1b7336;--tfs-bad:#c62828;--tfs-warn:#8a4f00}
.tfs-widget .widget-html,.tfs-widget .widget-html-content{
height:auto;margin:0;align-self:stretch;font-size:inherit;line-height:inherit}
.tfs-soft{color:var(--tfs-soft)}
.tfs-good{--tfs-tone:var(--tfs-good)}.tfs-bad{--tfs-tone:var(--tfs-bad)}
.tfs-warn{--tfs-tone:var(--tfs-warn)}.tfs-plain{--tfs-tone:var(--tfs-brand)}
.tfs-note{display:flex;gap:8px;align-items:flex-start;padding:6px 10px;border-radius:4px;
border-left:3px solid var(--tfs-tone);background:var(--tfs-fill);overflow-wrap:anywhere}
.tfs-note .tfs-icon{color:var(--tfs-tone);font-weight:700}
.tfs-bar{display:grid;gap:10px;align-items:center;margin:2px 0;
grid-template-columns:minmax(64px,max-content) minmax(60px,320px) 64px}
.tfs-bar-label{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:220px}
.tfs-bar-track{background:var(--tfs-fill);border-radius:5px;height:10px;overflow:hidden;
display:block}
.tfs-bar-fill{display:block;height:100%;background:var(--tfs-brand);border-radius:5px}
.tfs-bar.tfs-bad .tfs-bar-fill{background:var(--tfs-bad)}
.tfs-bar.tfs-good .tfs-bar-fill{background:var(--tfs-good-bar)}
.tfs-bar-number{font-variant-numeric:tabular-nums;text-align:right}
.tfs-scroll{overflow:auto;max-height:360px}
.tfs-widget table.tfs-table{border-collapse:collapse;font-size:inherit;width:100%;margin:0;
table-layout:auto;border:0}
.tfs-widget table.tfs-table th,.tfs-widget table.tfs-table td{text-align:left;
vertical-align:top;padding:4px 12px 4px 0;border:0;border-bottom:1px solid var(--tfs-line);
background:none;color:inherit;white-space:normal;max-width:none}
.tfs-widget table.tfs-table th{font-weight:600;color:var(--tfs-soft)}
.tfs-widget table.tfs-table caption{text-align:left;color:var(--tfs-soft);padding:0 0 4px}
.tfs-widget table.tfs-table tbody tr{background:none}
.tfs-widget details{margin:0}
.tfs-widget summary{cursor:pointer;color:var(--tfs-soft);padding:2px 0}
.tfs-widget summary:focus-visible,.tfs-widget button:focus-visible{
outline:2px solid var(--tfs-brand);outline-offset:1px}
.tfs-widget pre{font-family:var(--tfs-mono);font-size:var(--jp-code-font-size,12px);
background:var(--tfs-fill);color:inherit;border:0;border-radius:4px;margin:2px 0 8px;
padding:8px 10px;overflow:auto;max-height:260px;white-space:pre-wrap;overflow-wrap:anywhere}
"""
