// The style sheet of the report. Colours are named once for light and once for dark; every pair of text and ground has a contrast of at
// least 4.5 (WCAG 2.2 AA; the tests let axe check it).

export const STYLE = `
:root {
  --ground: #fbfaf7; --surface: #ffffff; --ink: #1d1b18; --soft: #5c5850; --line: #e5e0d6; --hover: #f4f1ea;
  --accent: #0c6652; --accent-ground: #e3f1ec; --danger: #a3241c; --danger-ground: #fbe9e6; --warn: #7d4a05; --warn-ground: #fbf0dd;
  --read: #1b568f; --read-ground: #e6eff8; --write: #7d4a05; --write-ground: #fbeed7; --execute: #6a3a98; --execute-ground: #f0e8f8;
  --connect: #0a5f63; --connect-ground: #ddf0f0; --failed: #5c5850; --failed-ground: #efece5;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "Source Code Pro", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: "Inter", "Source Sans 3", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --surface: #1a1d21; --ink: #e7e4de; --soft: #a9a59c; --line: #2e3238; --hover: #20242a;
    --accent: #6bcfb2; --accent-ground: #15322a; --danger: #ffa198; --danger-ground: #3c1d1b; --warn: #eeb868; --warn-ground: #352814;
    --read: #93c2f3; --read-ground: #182a3e; --write: #eeb868; --write-ground: #352814; --execute: #cbaef3; --execute-ground: #2b2140;
    --connect: #7bd3d3; --connect-ground: #123133; --failed: #a9a59c; --failed-ground: #25282d;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 5.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 78rem; padding: 0 1.25rem 6rem; background: var(--ground); color: var(--ink);
  font: 0.975rem/1.6 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; }
code, pre, .name, .rule, .origin { font-family: var(--mono); font-size: 0.86em; }
code, .name { unicode-bidi: isolate; overflow-wrap: anywhere; }
b, strong { font-weight: 620; }
p { margin: 0.5rem 0; max-width: 46rem; }

header { padding: 3.5rem 0 1.75rem; }
.brand { margin: 0; color: var(--accent); font-size: 0.8rem; letter-spacing: 0.08em; text-transform: uppercase; }
h1 { margin: 0.3rem 0 0.5rem; font-size: clamp(1.7rem, 1.2rem + 2vw, 2.6rem); line-height: 1.15; letter-spacing: -0.02em; font-weight: 650;
  overflow-wrap: anywhere; unicode-bidi: isolate; text-wrap: balance; }
.scope { margin: 0; color: var(--soft); }
h2 { margin: 0 0 0.9rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -0.01em; font-weight: 640; }
h3 { margin: 1.9rem 0 0.6rem; font-size: 0.975rem; font-weight: 640; }
main > section { padding: 2.5rem 0 1.25rem; border-top: 1px solid var(--line); }
main > section:first-of-type { border-top: 0; padding-top: 1rem; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 3rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; }
nav a { display: inline-flex; gap: 0.5rem; padding: 0.2rem 0; color: var(--soft); text-decoration: none; font-size: 0.9rem; }
nav a:hover { color: var(--ink); text-decoration: underline; }
nav .count { color: var(--soft); font-size: 0.8rem; }
@media (min-width: 64rem) {
  .columns { grid-template-columns: 11rem minmax(0, 1fr); }
  nav { position: sticky; top: 1.5rem; align-self: start; padding-top: 1rem; }
  nav ul { display: block; }
  nav a { display: flex; justify-content: space-between; }
}

.lead { font-size: clamp(1.1rem, 1rem + 0.6vw, 1.4rem); line-height: 1.5; max-width: 44rem; letter-spacing: -0.005em; text-wrap: pretty; }
.doubt { margin: 0 0 1rem; padding: 0.7rem 1rem; max-width: 44rem; border-radius: 8px; background: var(--warn-ground); color: var(--warn); }
.advice { margin: 0 0 1.4rem; padding: 1.1rem 1.4rem 1.2rem; border-radius: 10px; border: 1px solid var(--line); border-left: 5px solid var(--warn); background: var(--surface); }
.advice.install { border-left-color: var(--accent); }
.advice > h3:first-child { margin: 0; font-size: 0.82rem; font-weight: 500; color: var(--soft); }
.advice .answer { margin: 0.1rem 0 0.4rem; font-size: clamp(1.3rem, 1.1rem + 0.8vw, 1.7rem); line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; }
.advice h3:not(:first-child) { margin: 1rem 0 0.3rem; } .advice > :last-child { margin-bottom: 0; }
.situations, .decisions, .decisions ul, .texts { margin: 0.3rem 0; padding-left: 1.2rem; } .decisions { list-style: none; padding-left: 0; }
.decisions > li { padding: 0.35rem 0; } .decisions p { margin: 0; font-weight: 560; } .texts { font-size: 0.9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1px; margin: 1.6rem 0; background: var(--line);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.tile { background: var(--surface); padding: 1.1rem 1.25rem 1.2rem; }
.tile h3 { margin: 0; font-size: 0.82rem; font-weight: 500; color: var(--soft); }
.tile .value { margin: 0.15rem 0 0.35rem; font-size: 1.6rem; line-height: 1.25; font-weight: 620; letter-spacing: -0.02em; }
.tile .value small { font-size: 0.9rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.arrow { color: var(--soft); font-weight: 400; }
.note, .tile .note { color: var(--soft); font-size: 0.85rem; line-height: 1.45; margin: 0; }
.bars { display: block; margin: 0 0 0.4rem; } .bars .scale { fill: var(--hover); } .bars .before { fill: var(--line); } .bars .after { fill: var(--accent); }

.rows { list-style: none; margin: 0; padding: 0; }
.rows > li { padding: 0.7rem 0; border-top: 1px solid var(--line); display: grid; gap: 0.1rem 1.5rem; }
.rows > li:first-child { border-top: 0; }
.rows > li > p { margin: 0; font-size: 0.9rem; line-height: 1.55; }
.directive { font-weight: 560; }
.origin { color: var(--soft); font-size: 0.8em; overflow-wrap: anywhere; }
.wider { color: var(--warn); }
@media (min-width: 46rem) { .rows > li { grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); } .rows > li:has(> details) { grid-template-columns: 1fr; }
  .rows.notes > li { grid-template-columns: 6.5rem minmax(0, 1fr); } }
.kind { justify-self: start; align-self: start; font-size: 0.78rem; line-height: 1.5; padding: 0.1rem 0.5rem; border-radius: 99px; background: var(--failed-ground); color: var(--failed); }
.kind.open, .kind.blind { background: var(--warn-ground); color: var(--warn); }
.outcome { justify-self: start; font-family: var(--mono); font-size: 0.86em; color: var(--danger); background: var(--danger-ground); padding: 0.1rem 0.4rem; border-radius: 4px; }

details > summary { cursor: pointer; }
.dropin { margin-top: 1.5rem; } .dropin > summary { font-weight: 560; }
pre { margin: 0.75rem 0; padding: 1rem 1.2rem; max-height: 32rem; overflow: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; line-height: 1.5; }
button { font: inherit; font-size: 0.85rem; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 0.25rem 0.75rem; cursor: pointer; }
button:hover { background: var(--hover); }
#copy { margin-top: 0.75rem; }

#search { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; padding: 0.75rem 0; background: var(--ground); }
@media (min-width: 48rem) { #search { position: sticky; top: 0; z-index: 1; } }
@media (max-width: 48rem) { html { scroll-padding-top: 0; } .tree .rule { display: none; } }
#search label { position: absolute; left: -99rem; }
#search input { flex: 1 1 15rem; min-width: 0; font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--soft); border-radius: 8px; padding: 0.45rem 0.8rem; }
#search input::placeholder { color: var(--soft); opacity: 1; }
#search div { display: flex; flex-wrap: wrap; gap: 0.35rem; }
#search button.use { padding: 0.3rem 0.6rem; border-color: transparent; font-family: inherit; font-size: 0.82rem; }
#search button[aria-pressed="true"] { border-color: currentColor; font-weight: 620; }
#answer { color: var(--soft); font-size: 0.85rem; } #answer:empty { display: none; }

.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree ul { margin-left: 0.55rem; padding-left: 0.85rem; border-left: 1px solid var(--line); }
.tree summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.1rem 0.6rem; padding: 0.17rem 0.4rem; border-radius: 5px; list-style: none; }
.tree summary::-webkit-details-marker { display: none; }
.tree summary::before { content: ""; flex: none; width: 0.38rem; height: 0.38rem; margin-right: 0.1rem; align-self: center; border-right: 1.5px solid var(--soft); border-bottom: 1.5px solid var(--soft); transform: rotate(-45deg); opacity: 0; }
.tree .branch > summary::before { opacity: 1; }
.tree details[open] > summary::before { transform: rotate(45deg); }
.tree summary:hover { background: var(--hover); }
.tree .branch > summary .name { font-weight: 600; }
.below, .rule { color: var(--soft); font-size: 0.8rem; }
.rule { margin-left: auto; text-align: right; overflow-wrap: anywhere; }
.uses { display: inline-flex; flex-wrap: wrap; gap: 0.25rem; }
.uses:empty { display: none; }
.use { font-size: 0.76rem; line-height: 1.5; padding: 0 0.4rem; border-radius: 4px; white-space: nowrap; }
.use b { font-weight: 560; }
.use.read { color: var(--read); background: var(--read-ground); } .use.write { color: var(--write); background: var(--write-ground); }
.use.execute { color: var(--execute); background: var(--execute-ground); } .use.connect { color: var(--connect); background: var(--connect-ground); }
.use.failed { color: var(--failed); background: var(--failed-ground); }
.tree dl { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); gap: 0.15rem 0.75rem; margin: 0.15rem 0 0.6rem 1.35rem; font-size: 0.85rem; }
.tree dt { color: var(--soft); } .tree dd { margin: 0; }
.tree .gone > summary .name { color: var(--soft); } .tree .self > summary .name { font-style: italic; color: var(--soft); font-family: var(--sans); }
.rest { color: var(--soft); font-size: 0.85rem; padding: 0.3rem 0.4rem; }

table { width: 100%; margin: 1.4rem 0 0; border-collapse: collapse; font-size: 0.9rem; }
caption { text-align: left; font-weight: 640; padding-bottom: 0.4rem; }
caption .wider { font-weight: 400; }
th, td { padding: 0.45rem 1rem 0.45rem 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 500; font-size: 0.82rem; color: var(--soft); overflow-wrap: normal; }
th.number, td.number { text-align: right; }
th.number, td.number, th.word, td.word { overflow-wrap: normal; white-space: nowrap; }
tr > :last-child { padding-right: 0; }
@media (max-width: 40rem) {
  table, tbody, tr { display: block; } thead { position: absolute; left: -99rem; } caption { display: block; }
  tr { padding: 0.55rem 0; border-bottom: 1px solid var(--line); }
  td, td.number, td.word { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); padding: 0.1rem 0; border: 0; text-align: left; white-space: normal; }
  td:empty { display: none; } td::before { content: attr(data-label); color: var(--soft); font-size: 0.9em; }
  td:first-child { display: block; } td:first-child > code:first-child { font-weight: 620; } td:first-child::before { content: none; }
}

.groups { columns: 15rem; column-gap: 2.5rem; }
.group { break-inside: avoid; padding-bottom: 0.8rem; }
.group h3 { margin: 0 0 0.3rem; padding-top: 0.4rem; } .group .note { font-weight: 400; }
.calls { list-style: none; margin: 0; padding: 0; }
.call { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; padding: 0.12rem 0; border-bottom: 1px dotted var(--line); font-size: 0.9rem; }
.call b { font-weight: 400; color: var(--soft); } .call.assumed b { color: var(--warn); }
.processes { list-style: none; margin: 0; padding: 0; } .processes .processes { margin-left: 0.55rem; padding-left: 1.1rem; border-left: 1px solid var(--line); }
.processes li { padding: 0.25rem 0; } .exe { font-weight: 600; }
.places { list-style: none; margin: 0; padding: 0; font-size: 0.87rem; color: var(--soft); } .places li { padding: 0.05rem 0; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem 2.5rem; margin-top: 1rem; }
figure { margin: 0; max-width: 29rem; } figcaption { color: var(--soft); font-size: 0.85rem; line-height: 1.5; margin-top: 0.5rem; }
.curve { width: 100%; height: auto; display: block; }
.curve .grid { stroke: var(--line); } .curve .line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.curve .area { fill: var(--accent); opacity: 0.08; } .curve .band { fill: var(--warn); opacity: 0.1; }
.curve .total { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 5 4; } .curve circle { fill: var(--accent); }
.curve text { font: 10.5px var(--sans); fill: var(--soft); } .curve .label { fill: var(--warn); } .curve .strong { fill: var(--ink); font-weight: 600; }
.curve text.end { text-anchor: end; } .curve text.middle { text-anchor: middle; }

@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@page { margin: 14mm 12mm; }
@media print {
  :root { --ground: #fff; --surface: #fff; --hover: #fff; }
  html { font-size: 10.5px; } body { max-width: none; line-height: 1.35; padding: 0; }
  header { padding: 0 0 0.8rem; } main > section { padding: 0.8rem 0 0.3rem; break-inside: auto; }
  nav, #search, #copy, .skip, .dropin { display: none !important; }
  .columns { display: block; } p { max-width: none; } h2 { font-size: 11pt; margin-bottom: 0.3rem; } h3 { margin: 0.7rem 0 0.2rem; }
  .lead { font-size: 10pt; max-width: none; } .advice { padding: 0.6rem 0.9rem; } .advice .answer { font-size: 12pt; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); margin: 0.8rem 0; } .tile { padding: 0.5rem 0.7rem; } .tile .value { font-size: 12pt; }
  .rows > li { padding: 0.2rem 0; grid-template-columns: minmax(0, 2fr) minmax(0, 5fr); } .rows.notes > li { grid-template-columns: 5rem minmax(0, 1fr); }
  .rows > li > p, .rows > li > div { font-size: 7.5pt; line-height: 1.3; }
  #proposal .rows .origin { display: none; } table { font-size: 7.5pt; margin-top: 0.6rem; } th, td { padding: 0.15rem 0.6rem 0.15rem 0; }
  .groups { columns: 5; column-gap: 1rem; } .call { font-size: 7pt; padding: 0; gap: 0.3rem; } .group { padding-bottom: 0.3rem; } .group h3 { margin: 0; padding: 0; font-size: 7.5pt; }
  .tree > li > details > ul { columns: 2; column-gap: 1.5rem; } .tree summary { padding: 0; font-size: 7pt; gap: 0 0.4rem; } .tree summary::before { display: none; } .rule { display: none; }
  .figures { grid-template-columns: 1fr 1fr; } .processes li { padding: 0; }
  h2, h3 { break-after: avoid; } tr, .tile, .rows > li, figure { break-inside: avoid; }
  .use, .kind { border: 1px solid var(--line); padding: 0 0.2rem; }
}
`;
