package dsl_test

import (
	"fmt"

	"github.com/seccompc/seccompc/dsl"
)

// Beside the errors there is the tree of what could be read.
func ExampleParse() {
	file, findings := dsl.Parse("policy.scp",
		[]byte("default allow\ndeny ptrace kill\ndeny mount\n"))
	fmt.Println(len(file.Statements), "statements")
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// 2 statements
	// policy.scp:2:13: error: expected a comma, "if" or the end of the line after "ptrace", found "kill" [syntax]
}

func ExampleFormat() {
	text, _ := dsl.Format("policy.scp", []byte("default   allow\nset @a=read,\nwrite # both\n"))
	fmt.Printf("%s", text)
	// Output:
	// default allow
	// set @a = read,
	//     write  # both
}
