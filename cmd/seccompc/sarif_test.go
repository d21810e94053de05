package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// schema is what testdata/sarif-2.1.0.json says of the parts of a log that are written here: the
// schema of OASIS (sarif-spec, sarif-2.1/schema/sarif-schema-2.1.0.json) without all others.
type schema struct {
	Ref         string             `json:"$ref"`
	Type        string             `json:"type"`
	Format      string             `json:"format"`
	Required    []string           `json:"required"`
	Properties  map[string]*schema `json:"properties"`
	Additional  *bool              `json:"additionalProperties"`
	Enum        []any              `json:"enum"`
	Items       *schema            `json:"items"`
	MinItems    int                `json:"minItems"`
	Unique      bool               `json:"uniqueItems"`
	Minimum     *float64           `json:"minimum"`
	AnyOf       []*schema          `json:"anyOf"`
	Definitions map[string]*schema `json:"definitions"`
}

// errors returns what of a value is not as the schema has it.
func (s *schema) errors(root *schema, at string, v any) (out []string) {
	if s.Ref != "" {
		return root.Definitions[filepath.Base(s.Ref)].errors(root, at, v)
	}
	fail := func(format string, args ...any) {
		out = append(out, at+": "+fmt.Sprintf(format, args...))
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		fail("%v is none of %v", v, s.Enum)
	}
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, func(o *schema) bool {
		return len(o.errors(root, at, v)) == 0
	}) {
		fail("%v is none of the alternatives", v)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range s.Required {
			if v[name] == nil {
				fail("there is no %s", name)
			}
		}
		for name, x := range v {
			if p := s.Properties[name]; p != nil {
				out = append(out, p.errors(root, at+"."+name, x)...)
			} else if s.Additional != nil && !*s.Additional {
				fail("%s is no property", name)
			}
		}
	case []any:
		if len(v) < s.MinItems {
			fail("%d items", len(v))
		}
		for i, x := range v {
			if s.Unique && slices.ContainsFunc(v[:i], func(o any) bool {
				return reflect.DeepEqual(o, x)
			}) {
				fail("item %d is there twice", i)
			}
			out = append(out, s.Items.errors(root, fmt.Sprintf("%s[%d]", at, i), x)...)
		}
	}
	return append(out, s.plainErrors(at, v)...)
}

// plainErrors looks at the kind of a value, numbers and references.
func (s *schema) plainErrors(at string, v any) (out []string) {
	kind := map[string]string{"map[string]interface {}": "object", "[]interface {}": "array",
		"string": "string", "float64": "integer", "bool": "boolean"}[fmt.Sprintf("%T", v)]
	if s.Type != "" && s.Type != kind {
		out = append(out, fmt.Sprintf("%s: %v is no %s", at, v, s.Type))
	}
	if n, ok := v.(float64); ok && (n != float64(int(n)) || s.Minimum != nil && n < *s.Minimum) {
		out = append(out, fmt.Sprintf("%s: the number %v", at, n))
	}
	if text, ok := v.(string); ok && strings.HasPrefix(s.Format, "uri") {
		if _, err := url.Parse(text); err != nil {
			out = append(out, fmt.Sprintf("%s: %v", at, err))
		}
	}
	return out
}

// TestSARIF: what check and audit write of good and bad files is as the schema has it, and speaks
// of rules that the log describes.
func TestSARIF(t *testing.T) {
	text, err := os.ReadFile("testdata/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	root := new(schema)
	if err := json.Unmarshal(text, root); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := filepath.Glob("../../explain/testdata/*.bpf")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a b\xff#?%.scp": "arch x86_64\ndefault deny\nallow raed\nallow kill if foo == 3\n",
		"wide.scp":       "arch x86_64, i386\ndefault allow\nkill ptrace\nkill ptrace\ndeny open\n",
		"cut.scp":        "default deny\nallow \"",
		"bytes.scp":      "default deny\n\xff\xfe x\n",
		"p.json":         `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bpf"]}]}`,
		"ok.json":        `{"defaultAction": "SCMP_ACT_ALLOW"}`,
		"empty":          "",
	} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	for _, file := range append(files, files[0]+"+"+files[0]) {
		for _, name := range []string{"check", "audit"} {
			_, out, errs := command(t, name, "--sarif", file)
			if out == "" && errs != "" {
				continue // what cannot be read has no findings
			}
			var log any
			if err := json.Unmarshal([]byte(out), &log); err != nil {
				t.Errorf("%s %s: %v", name, file, err)
				continue
			}
			for _, text := range append(root.errors(root, "log", log), nameless(log)...) {
				t.Errorf("%s %s: %s", name, file, text)
			}
			found += strings.Count(out, `"ruleId"`)
		}
	}
	if found < 40 {
		t.Errorf("there are only %d findings", found)
	}
}

// nameless returns the rules of results that the log does not describe.
func nameless(log any) (out []string) {
	run := log.(map[string]any)["runs"].([]any)[0].(map[string]any)
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	known := map[any]bool{}
	for _, r := range driver["rules"].([]any) {
		known[r.(map[string]any)["id"]] = true
	}
	for _, r := range run["results"].([]any) {
		if id := r.(map[string]any)["ruleId"]; !known[id] {
			out = append(out, fmt.Sprintf("the rule %v is not described", id))
		}
	}
	return out
}
