// Starts "seccompc lsp" for policies and hands it what the editor asks.
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function activate(context) {
  const config = vscode.workspace.getConfiguration("seccompc");
  const run = {
    command: config.get("path"),
    args: ["lsp", ...config.get("args")],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient("seccompc", "seccompc", { run, debug: run }, {
    documentSelector: [{ language: "scp" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.scp") },
  });
  context.subscriptions.push(client);
  await client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
