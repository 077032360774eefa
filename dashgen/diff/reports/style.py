"""The look of the HTML report: light and dark as the reader's system is, printable, nothing loaded."""

CSS = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1f2328;--quiet:#656d76;--line:#d8dee4;--soft:#f6f8fa;--old:#ffebe9;
--new:#dafbe1;--link:#0969da}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--quiet:#8b949e;--line:#30363d;--soft:#161b22;
--old:#4b1d1f;--new:#173a24;--link:#58a6ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;display:grid;
grid-template-columns:minmax(15rem,20rem) minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);
background:var(--soft)}
nav h2{font-size:1rem;margin:.5rem 0}nav ul{list-style:none;margin:0;padding:0}
nav li{padding:.2rem 0;overflow-wrap:anywhere}a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
main{padding:1.5rem 2rem 6rem;max-width:90rem}
h1{font-size:1.4rem;margin:.2rem 0}
main>h2{margin:2rem 0 .5rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h1,h2,h3,h4,p,td{overflow-wrap:anywhere}small,.quiet{color:var(--quiet);font-weight:400}
section{border:1px solid var(--line);border-radius:8px;padding:.4rem 1rem .8rem;margin:1rem 0;scroll-margin-top:1rem}
h3{margin:.4rem 0;font-size:1.1rem}h4{margin:.8rem 0 .2rem;font-size:1rem}p{margin:.3rem 0}
.group{border-left:3px solid var(--line);padding-left:.8rem;margin:.6rem 0}
code,.lines,del,ins{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.86em}
code{background:var(--soft);border-radius:4px;padding:.1em .35em}
del,ins{text-decoration:none;border-radius:4px;padding:.1em .35em}del{background:var(--old)}ins{background:var(--new)}
.badge{display:inline-block;font-size:.75rem;line-height:1.3;border-radius:1rem;padding:0 .55rem;border:1px solid}
.cosmetic{color:var(--quiet)}.display{color:#0a7ea4}.meaning{color:#b26a00}.alerting{color:#a626a4}.data{color:#3b6fd4}
.breaking{color:#fff;background:#c4302b;border-color:#c4302b}
table{border-collapse:collapse}.facts td,.facts th{border:1px solid var(--line);padding:.25rem .6rem;text-align:left}
.lines{width:100%;table-layout:fixed;border:1px solid var(--line);margin:.4rem 0}
.lines td{white-space:pre-wrap;vertical-align:top;padding:.05rem .6rem}.lines td+td{border-left:1px solid var(--line)}
.old{background:var(--old)}.new{background:var(--new)}.none,.cut{background:var(--soft);color:var(--quiet)}
.pictures{display:grid;grid-template-columns:1fr 1fr;gap:1rem;margin:.6rem 0}.pictures[hidden]{display:none}
figure{margin:0;border:1px dashed var(--line);border-radius:6px;padding:.4rem;min-height:6rem}
figcaption,figure i{color:var(--quiet)}figure img{max-width:100%;display:block}
@media(max-width:60rem){body{display:block}nav{position:static;height:auto;border:0}main{padding:1rem}
.pictures{grid-template-columns:1fr}}
@media print{body{display:block}nav{display:none}section{break-inside:avoid-page}}
""".strip().replace("\n", "")
