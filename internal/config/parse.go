package config

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

const (
	maxBytes = 64 << 10
	maxDepth = 16
)

// Read parses a file.
func Read(path string) (*Node, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return nil, errors.WithStack(err)
	case !info.Mode().IsRegular():
		return nil, Errorf(Place{File: path}, "is not a file, want a YAML file")
	case info.Size() > maxBytes:
		return nil, Errorf(Place{File: path}, "has %d bytes, want a config of at most %d", info.Size(), maxBytes)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxBytes+1)) // it may have grown
	if err != nil {
		return nil, errors.WithStack(err)
	}
	return Parse(path, b)
}

// Parse parses a mapping in YAML; name is what errors call the file.
func Parse(name string, b []byte) (*Node, error) {
	n, err := parse(name, b)
	if err != nil {
		return nil, err
	}
	switch n.kind {
	case empty:
		return nil, Errorf(Place{name, 1, 1}, "is empty, want keys such as model:")
	case mapping:
		return n, nil
	}
	return nil, Errorf(n.At, "is %v, want a mapping with keys such as model:", n.kind)
}

// parse reads one YAML value.
func parse(name string, b []byte) (n *Node, err error) {
	at := Place{name, 1, 1}
	if len(b) > maxBytes {
		return nil, Errorf(at, "has more than %d bytes", maxBytes)
	}
	if !utf8.Valid(b) || strings.ContainsRune(string(b), 0) {
		return nil, Errorf(at, "is no UTF-8 text, want YAML")
	}
	src := strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n")
	var file *ast.File
	// The parser is guarded, for a file may be anything.
	err = guard.Call("the YAML parser", func() (err error) {
		tokens := lexer.Tokenize(src)
		if err := checkTokens(name, tokens); err != nil {
			return err
		}
		file, err = parser.Parse(tokens, 0)
		return err
	})
	if err != nil {
		return nil, located(name, err)
	}
	c := converter{file: name}
	switch len(file.Docs) {
	case 0:
		return &Node{At: at}, nil
	case 1:
		n = c.node(file.Docs[0].Body, at, 0)
	default:
		return nil, Errorf(at, "has %d documents, want one", len(file.Docs))
	}
	return n, c.bad.orNil()
}

// located says where the parser found a mistake.
func located(name string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	var theirs yaml.Error
	if errors.As(err, &theirs) {
		message := theirs.GetMessage()
		if strings.HasPrefix(message, "found character '\t'") {
			message = "is a tab, want spaces: YAML does not indent by tabs"
		}
		if first, rest, ok := strings.Cut(message, " already defined at "); ok { // mapping key "x" already defined at [1:1]
			message = fmt.Sprintf("%s is there twice, want it once; the first is at %s", strings.TrimPrefix(first, "mapping "), strings.Trim(rest, "[]"))
		}
		if t := theirs.GetToken(); t != nil && t.Position != nil {
			return Errorf(placeOf(name, t), "%s", message)
		}
		return Errorf(Place{name, 1, 1}, "%s", message)
	}
	return Errorf(Place{name, 1, 1}, "is no YAML: %v", err)
}

func placeOf(name string, t *token.Token) Place {
	if t == nil || t.Position == nil {
		return Place{name, 1, 1}
	}
	return Place{name, max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// checkTokens refuses what such a file has no use for, and what is nested so deeply on a
// line that the parser, which calls itself for each level, would run out of stack. Levels
// that are lines of their own are few, for each is indented by more.
func checkTokens(name string, tokens token.Tokens) error {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		at := placeOf(name, t)
		if at.Line != line {
			line, dashes = at.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return Errorf(at, "anchors and aliases are not read, want the value itself")
		case token.TagType:
			return Errorf(at, "tag %s is not read, want the value alone", t.Value)
		case token.DirectiveType:
			return Errorf(at, "directives are not read")
		case token.MappingKeyType:
			return Errorf(at, "keys that begin with ? are not read, want key: value")
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		}
		if depth > maxDepth || dashes > maxDepth {
			return Errorf(at, "is nested too deeply, want at most %d levels", maxDepth)
		}
	}
	return nil
}

// A converter makes nodes of the parser's.
type converter struct {
	file string
	bad  mistakes
}

func (c *converter) node(a ast.Node, at Place, depth int) *Node {
	if a == nil {
		return &Node{At: at}
	}
	at = placeOf(c.file, a.GetToken())
	n := &Node{At: at}
	if depth > maxDepth {
		c.bad = append(c.bad, Errorf(at, "is nested too deeply, want at most %d levels", maxDepth))
		return n
	}
	switch a := a.(type) {
	case *ast.NullNode:
		n.null = a.GetToken().Type == token.NullType // and not nothing
	case *ast.MappingNode:
		n.kind = mapping
		if len(a.Values) > 0 && !a.IsFlowStyle {
			n.At = placeOf(c.file, a.Values[0].Key.GetToken())
		}
		for _, v := range a.Values {
			c.pair(n, v, depth)
		}
	case *ast.MappingValueNode:
		n.kind = mapping
		n.At = placeOf(c.file, a.Key.GetToken())
		c.pair(n, a, depth)
	case *ast.SequenceNode:
		n.kind = list
		for _, v := range a.Values {
			n.items = append(n.items, c.node(v, at, depth+1))
		}
	case *ast.LiteralNode:
		n.kind = scalar
		if a.Value != nil {
			n.text = a.Value.Value
		}
	case ast.ScalarNode:
		n.kind, n.text = scalar, a.GetToken().Value
	case *ast.CommentGroupNode:
	default:
		c.bad = append(c.bad, Errorf(at, "%v is not read, want a value, a list or a mapping", a.Type()))
	}
	return n
}

func (c *converter) pair(n *Node, v *ast.MappingValueNode, depth int) {
	t := v.Key.GetToken()
	at := placeOf(c.file, t)
	key, ok := v.Key.(ast.ScalarNode)
	if !ok || key.IsMergeKey() {
		c.bad = append(c.bad, Errorf(at, "is no key, want a word"))
		return
	}
	if i := n.index(t.Value); i >= 0 {
		c.bad = append(c.bad, Errorf(at, "key %s is there twice, want it once; the first is at %d:%d", t.Value, n.keys[i].at.Line, n.keys[i].at.Column))
		return
	}
	value := c.node(v.Value, at, depth+1)
	if value.kind == empty {
		value.At = at
	}
	n.keys = append(n.keys, pair{t.Value, at, value})
}
