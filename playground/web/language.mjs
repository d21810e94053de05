// The colours of the language, from the compiler's own list of words.
import { StreamLanguage, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

export function language(words) {
  const kinds = new Map();
  for (const w of words.Statements) kinds.set(w, "keyword");
  for (const w of words.Keywords) kinds.set(w, "keyword");
  for (const w of words.Actions) kinds.set(w, "atom");
  return StreamLanguage.define({
    name: "seccompc",
    languageData: { commentTokens: { line: "#" } },
    token(stream) {
      if (stream.eatSpace()) return null;
      if (stream.match(/#.*/)) return "comment";
      if (stream.match(/"[^"]*"?/)) return "string";
      if (stream.match(/@[a-z0-9_-]*[a-z0-9_]/)) return "typeName";
      if (stream.match(/0[xob][0-9a-fA-F_]+|[0-9][0-9_]*/)) return "number";
      const word = stream.match(/[A-Za-z_][A-Za-z0-9_]*/);
      if (!word) return stream.next() && "operator";
      return kinds.get(word[0]) ?? (/^[A-Z][A-Z0-9_]+$/.test(word[0]) ? "labelName" : null);
    },
  });
}

const style = HighlightStyle.define([
  { tag: tags.comment, class: "hl-comment" },
  { tag: tags.keyword, class: "hl-keyword" },
  { tag: tags.atom, class: "hl-action" },
  { tag: tags.typeName, class: "hl-set" },
  { tag: [tags.string, tags.number, tags.labelName], class: "hl-value" },
]);

export const colours = syntaxHighlighting(style);
