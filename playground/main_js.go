// Command playground is the compiler for a browser: it gives scripts one function, seccompc(ask,
// text…).
package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"syscall/js"

	"github.com/seccompc/seccompc/doc"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/playground/play"
)

func main() {
	debug.SetGCPercent(400) // one compilation makes a few MB of garbage
	js.Global().Set("seccompc", js.FuncOf(ask))
	js.Global().Call("seccompcReady")
	select {}
}

var current = &play.Policy{}

// answer is what a script gets, as JSON.
type answer struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

// ask answers one question: its name, then its text.
func ask(_ js.Value, args []js.Value) (reply any) {
	defer func() {
		if fault := recover(); fault != nil {
			reply = encode(nil, fmt.Errorf("this is a bug in seccompc: %v", fault))
		}
	}()
	text := ""
	if len(args) > 1 {
		text = args[1].String()
	}
	return encode(answerTo(args[0].String(), text))
}

func encode(value any, err error) string {
	a := answer{Value: value}
	if err != nil {
		a.Error = err.Error()
	}
	out, err := json.Marshal(a)
	if err != nil {
		panic(err) // there are only texts, numbers and lists of them
	}
	return string(out)
}

func answerTo(question, text string) (any, error) {
	switch question {
	case "compile":
		current = play.Compile(text)
		return current, nil
	case "table":
		return current.Table()
	case "listing":
		return current.Listing()
	case "explain":
		return current.Explain()
	case "trace":
		return current.Trace()
	case "simulate":
		return current.Simulate(text)
	case "diff":
		return current.Diff(text)
	case "format":
		return play.Format(text)
	case "filter":
		return current.Filter(text)
	case "style":
		return doc.Style(), nil
	case "words":
		return dsl.Words(), nil
	}
	return nil, fmt.Errorf("nobody knows %q", question)
}
