import { basicSetup } from "codemirror";
import { EditorView } from "@codemirror/view";
import { setDiagnostics } from "@codemirror/lint";
import { colours, language } from "./language.mjs";
import { loadCompiler } from "./compiler.mjs";
import { readLink, writeLink } from "./link.mjs";
import { examples } from "./examples.mjs";

const $ = (id) => document.getElementById(id);
const tabs = [...document.querySelectorAll("[role=tab]")];
const started = performance.now();
let ask, view, current = "table", shown = null;

// show answers the open tab's question. The last answer stays, pale, while the policy has errors.
function show() {
  for (const tab of tabs) {
    const selected = tab.id === `tab-${current}`;
    tab.setAttribute("aria-selected", selected);
    tab.tabIndex = selected ? 0 : -1;
    if (selected) $("panel").setAttribute("aria-labelledby", tab.id);
  }
  $("ask-simulate").hidden = current !== "simulate";
  $("ask-diff").hidden = current !== "diff";
  const text = { simulate: $("call").value, diff: $("other").value }[current] ?? "";
  const answer = $("answer");
  try {
    const value = ask(current, text);
    if (current === "table") answer.innerHTML = value; // made by the compiler, which escapes names
    else answer.replaceChildren(pre(value));
    answer.className = "";
    shown = current;
  } catch (e) {
    if (shown === current && !["simulate", "diff"].includes(current)) answer.className = "old";
    else answer.replaceChildren(pre(e.message));
  }
}

function pre(text) {
  const out = document.createElement("pre");
  out.textContent = text;
  return out;
}

// compile answers for the text as it is now. A compiler that has ended must not leave its last answer standing.
function compile() {
  const begun = performance.now();
  let policy;
  try {
    policy = ask("compile", view.state.doc.toString());
  } catch (e) {
    $("summary").textContent = `no filter: the compiler does not answer; reload the page (${e.message})`;
    $("findings").replaceChildren();
    $("answer").replaceChildren();
    return;
  }
  const length = view.state.doc.length;
  view.dispatch(setDiagnostics(view.state, policy.findings.map((f) => ({
    from: Math.min(f.from, length), to: Math.min(f.to, length), severity: f.severity, message: f.message,
  }))));
  $("summary").textContent = policy.summary;
  $("findings").replaceChildren(...policy.findings.map((f) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.textContent = `${f.line}:${f.column} ${f.severity}: ${f.message}`;
    button.onclick = () => {
      view.dispatch({ selection: { anchor: f.from }, scrollIntoView: true });
      view.focus();
    };
    item.append(button);
    return item;
  }));
  show();
  document.body.dataset.compiled = (performance.now() - begun).toFixed(1);
}

function select(name) {
  current = name;
  show();
}

function replace(text) {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

function say(text) {
  $("said").textContent = text;
}

// linked returns the policy that the address holds, or null.
async function linked() {
  try {
    return await readLink(location.hash);
  } catch {
    say("the address holds no policy that can be read: was it cut off?");
    return null;
  }
}

function listen() {
  for (const tab of tabs) tab.onclick = () => select(tab.id.slice("tab-".length));
  $("tabs").onkeydown = (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const at = tabs.findIndex((t) => t.id === `tab-${current}`);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  };
  $("call").oninput = $("other").oninput = show;
  $("example").onchange = (e) => replace(examples[e.target.value]);
  $("format").onclick = () => {
    try {
      replace(ask("format", view.state.doc.toString()));
    } catch (e) {
      say("not laid out: the text has errors");
    }
  };
  $("share").onclick = async () => {
    try {
      location.hash = await writeLink(view.state.doc.toString());
    } catch (e) {
      say(`no link: ${e.message}`);
      return;
    }
    say("the address of this page holds the policy now");
    await navigator.clipboard?.writeText(location.href).catch(() => {});
  };
  $("copy").onclick = async () => {
    try {
      const hex = ask("filter", "hex");
      await navigator.clipboard.writeText(hex);
      say("copied");
    } catch (e) {
      say(`not copied: ${e.message}`);
    }
  };
  window.onhashchange = async () => {
    const text = await linked();
    if (text !== null && text !== view.state.doc.toString()) replace(text);
  };
}

async function start() {
  ask = await loadCompiler();
  const sheet = document.createElement("style");
  sheet.textContent = ask("style");
  document.head.prepend(sheet);
  $("example").append(...Object.keys(examples).map((name) => new Option(name, name)));
  const text = await linked();
  let wanted = 0;
  view = new EditorView({
    doc: text ?? Object.values(examples)[0],
    parent: $("editor"),
    extensions: [
      basicSetup, language(ask("words")), colours,
      EditorView.contentAttributes.of({ "aria-label": "Policy", tabindex: "0" }),
      EditorView.updateListener.of((u) => {
        if (!u.docChanged) return;
        cancelAnimationFrame(wanted);
        wanted = requestAnimationFrame(compile);
      }),
    ],
  });
  listen();
  compile();
  document.body.dataset.started = (performance.now() - started).toFixed(1);
}

start().catch((e) => { $("summary").textContent = `The compiler does not run here: ${e.message}`; });
