"""What the console adds to the theme."""

from __future__ import annotations

from typing import Final

__all__ = ["CSS"]

CSS: Final = """
.tfs-console{border:1px solid var(--tfs-line);border-radius:6px;padding:12px 14px;
margin:2px 0;max-width:1080px;box-sizing:border-box;overflow:hidden}
.tfs-console .tfs-head{display:flex;justify-content:space-between;gap:4px 16px;
align-items:baseline;flex-wrap:wrap}
.tfs-console .tfs-head h3{margin:0;font-size:1.15em;font-weight:600}
.tfs-console h4{margin:6px 0;font-size:1em;font-weight:600}
.tfs-console .tfs-labelled{flex-direction:column;align-items:stretch;height:auto;width:auto}
.tfs-console .tfs-labelled>.widget-label{text-align:left;justify-content:flex-start;
line-height:1.5;height:auto}
.tfs-console .tfs-labelled>select{width:100%;flex:none}
.tfs-console .tfs-history .widget-label{margin-top:8px;color:var(--tfs-ink);font-weight:600}
.tfs-away{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}
.tfs-console .tfs-small{font-size:.92em}
.tfs-console .widget-label{color:var(--tfs-soft);width:auto;min-width:0;padding-right:6px}
.tfs-console .tfs-choices{display:grid;gap:4px 12px;margin:4px 0;
grid-template-columns:repeat(auto-fit,minmax(150px,1fr))}
.tfs-console .tfs-choices>.widget-inline-hbox{flex-direction:column;align-items:stretch;
width:auto;height:auto;margin:0}
.tfs-console .tfs-choices .widget-label{text-align:left;justify-content:flex-start;
line-height:1.5;height:auto}
.tfs-console .tfs-choices select,.tfs-console .tfs-choices input{width:100%;flex:none;
height:var(--jp-widgets-inline-height,28px)}
.tfs-console .widget-textarea{height:auto;margin:2px 0}
.tfs-console textarea{font-family:inherit;font-size:1.05em;line-height:1.5;height:auto;
border-radius:3px;box-sizing:border-box}
.tfs-console .tfs-json textarea,.tfs-console .tfs-code textarea{
font-family:var(--tfs-mono);font-size:var(--jp-code-font-size,12px)}
.tfs-console .tfs-code textarea{white-space:pre;overflow:auto}
.tfs-console .widget-button{width:auto;min-width:84px;padding:0 14px;border-radius:3px}
.tfs-console .widget-checkbox{width:auto}
.tfs-console .tfs-actions{align-items:center;gap:2px 10px;flex-wrap:wrap;margin:2px 0}
.tfs-console .tfs-actions .widget-html-content{line-height:var(--jp-widgets-inline-height,28px)}
.tfs-console .tfs-history .widget-select{width:auto;margin:2px 0}
.tfs-console .tfs-history select{border-radius:3px;box-sizing:border-box;
font-variant-numeric:tabular-nums}
[data-jp-theme-light="false"] .tfs-console .widget-dropdown>select{
background-image:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \\
viewBox='0 0 18 18'%3E%3Cpath fill='%23ddd' \\
d='M5.2 5.9 9 9.7l3.8-3.8L14 7.1l-5 5-5-5z'/%3E%3C/svg%3E")}
.tfs-upload-state.tfs-refused{color:var(--tfs-warn)}
.tfs-upload-state:empty{display:none}
.tfs-dot{color:var(--tfs-tone)}
.tfs-verdict{display:flex;gap:10px;align-items:baseline;font-size:1.5em;font-weight:600;
color:var(--tfs-tone);margin:6px 0 4px;line-height:1.3}
.tfs-verdict.tfs-plain{color:var(--tfs-ink)}
.tfs-verdict-score{font-weight:400;font-size:.75em;color:var(--tfs-soft)}
.tfs-label{color:var(--tfs-tone);font-weight:600;white-space:nowrap}
.tfs-label.tfs-plain{color:inherit}
.tfs-words{margin:8px 0 2px;line-height:2}
.tfs-word{display:inline-block;line-height:1.4;padding:1px 7px;margin:0 4px 0 0;
border:1px solid var(--tfs-line);border-radius:10px;background:var(--tfs-fill)}
.tfs-word-pieces{border:1px dashed var(--tfs-soft)}
.tfs-word-unknown{background:none;color:var(--tfs-soft);border-style:dotted}
.tfs-judged .tfs-bar{grid-template-columns:0 minmax(60px,120px) 64px;gap:6px}
.tfs-judged .tfs-word{padding:0 5px;margin:0 3px 0 0}
.tfs-widget code.tfs-values{font-family:var(--tfs-mono);white-space:pre-wrap;background:none;
font-size:var(--jp-code-font-size,12px);color:inherit;padding:0}
.tfs-pictured{display:flex;gap:18px;flex-wrap:wrap;align-items:flex-start}
.tfs-pictured>div{flex:1 1 300px}
.tfs-pictured img{border:1px solid var(--tfs-line);border-radius:4px;max-width:320px;
margin:4px 0}
.tfs-two{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:20px;
margin-top:4px}
.tfs-two section{border-top:1px solid var(--tfs-line);min-width:0}
.tfs-foot{margin-top:6px;font-size:.92em;font-variant-numeric:tabular-nums}
.tfs-answer{padding:2px 0}
.tfs-spin{display:inline-block;width:11px;height:11px;border:2px solid var(--tfs-line);
border-top-color:var(--tfs-brand);border-radius:50%;margin-right:6px;vertical-align:-1px;
animation:tfs-turn .9s linear infinite}
@keyframes tfs-turn{to{transform:rotate(360deg)}}
@media (prefers-reduced-motion:reduce){.tfs-spin{animation:none}}
"""
