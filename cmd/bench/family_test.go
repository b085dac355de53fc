package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestFamily(t *testing.T) {
	if testing.Short() {
		t.Skip("it times tensors of 16 MiB")
	}
	kept := family
	defer func() { family = kept }()
	family = family[:2]
	var out bytes.Buffer
	if err := timeFamily(&out, options{steps: 1, limit: time.Second}); err != nil {
		t.Fatalf("%+v", err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || strings.Count(lines[3], ";") != len(places)+1 {
		t.Errorf("got\n%s\nwant a heading, dropout and a line for each of two nodes", &out)
	}
}
