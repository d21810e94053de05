// A policy in the part of the address behind "#", which no browser sends to a server.
const prefix = "#p=";

// A link comes from anywhere: what it unpacks to is bounded, a little above what the compiler takes.
const most = 1 << 20;

async function through(bytes, stream) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      reader.cancel();
      throw new Error("the text is too long for a link");
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// writeLink returns the fragment that stands for a text.
export async function writeLink(text) {
  const packed = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const binary = Array.from(packed, (b) => String.fromCharCode(b)).join("");
  return prefix + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// readLink returns the text of a fragment, or null where it holds none. It throws where that cannot be read.
export async function readLink(hash) {
  if (!hash.startsWith(prefix)) return null;
  const binary = atob(hash.slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  const text = await through(packed, new DecompressionStream("deflate-raw"));
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}
