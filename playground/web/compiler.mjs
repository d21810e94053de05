// The compiler, which build.mjs leaves as text: fetch does not work from file://.
export async function loadCompiler() {
  const packed = Uint8Array.from(atob(globalThis.seccompcWASM), (c) => c.charCodeAt(0));
  delete globalThis.seccompcWASM;
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(unpacked).arrayBuffer();
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(bytes, go.importObject);
  await new Promise((ready) => {
    globalThis.seccompcReady = ready;
    go.run(instance);
  });
  // ask returns what the compiler answers, or throws what it says is wrong.
  return (question, text = "") => {
    const { value, error } = JSON.parse(globalThis.seccompc(question, text));
    if (error) throw new Error(error);
    return value;
  };
}
