package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/seccompc/seccompc/internal/lazy"
)

// parseYAML reads documents of YAML. The decoder expands no alias for a yaml.Node, and none is
// followed here.
func parseYAML(text []byte) ([]*Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var docs []*Node
	var count counter
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, yamlError(err)
		}
		if len(doc.Content) == 0 {
			continue
		}
		n, err := count.node(doc.Content[0], 0)
		if err != nil {
			return nil, err
		}
		docs = append(docs, n)
	}
	if len(docs) == 0 {
		return nil, Errorf(1, "the text is empty")
	}
	return docs, nil
}

var yamlLine = lazy.Regexp(`^yaml: line (\d+): `)

func yamlError(err error) error {
	text, line := err.Error(), 1
	if m := yamlLine().FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	return Errorf(line, "this is neither JSON nor YAML: %s", text)
}

func (c *counter) node(y *yaml.Node, depth int) (*Node, error) {
	n := &Node{Line: y.Line, Text: y.Value}
	if err := c.enter(n.Line, depth); err != nil {
		return nil, err
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.Kind = scalars[y.ShortTag()]
		if n.Kind == Null && y.ShortTag() != "!!null" {
			n.Kind = String
		}
		return n, nil
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			v, err := c.node(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, v)
		}
		return n, nil
	case yaml.MappingNode:
		return n, c.mapping(n, y, depth)
	}
	return nil, Errorf(y.Line, "aliases are not read: write out what *%s stands for", y.Value)
}

var scalars = map[string]Kind{"!!bool": Bool, "!!int": Number, "!!float": Number, "!!str": String}

func (c *counter) mapping(n *Node, y *yaml.Node, depth int) error {
	n.Kind = Map
	seen := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			return Errorf(key.Line, "%s is not read as a key", fmt.Sprintf("%.40q", key.Value))
		}
		v, err := c.node(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if err := n.add(Pair{key.Line, key.Value, v}, seen); err != nil {
			return err
		}
	}
	return nil
}
