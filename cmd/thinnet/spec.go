package main

import (
	"github.com/thinnet/thinnet/internal/config"
)

// A file is what a config says.
type file struct {
	Model   model       `key:"model" need:"yes" doc:"which ready model, and its options"`
	Data    data        `key:"data" need:"yes" doc:"which data set, and how it is read"`
	Train   training    `key:"train" doc:"how it is trained"`
	Out     config.Path `key:"out" default:"run" doc:"folder for checkpoints, weights, history and curves"`
	Compare *comparison `key:"compare" doc:"what the command compare trains"`
}

// A settings is a config that was read, with the tree it was read from.
type settings struct {
	file
	path string
	tree *config.Node
}

// readSettings reads a config, with settings of the command line.
func readSettings(path string, set []string) (*settings, error) {
	tree, err := config.Read(path)
	if err != nil {
		return nil, err
	}
	return newSettings(path, tree, set)
}

func newSettings(path string, tree *config.Node, set []string) (*settings, error) {
	for _, s := range set {
		if err := tree.Set(s); err != nil {
			return nil, err
		}
	}
	s := &settings{path: path, tree: tree}
	if err := tree.Decode(&s.file); err != nil {
		return nil, err
	}
	return s, s.check()
}

// check finds what single keys do not show.
func (s *settings) check() error {
	if d, ok := s.Data.Spec.(interface{ check() error }); ok {
		if err := d.check(); err != nil {
			return config.Errorf(s.Data.At, "%v", err)
		}
	}
	if err := s.Train.check(s.tree); err != nil {
		return err
	}
	if s.Compare != nil {
		return s.Compare.check(s)
	}
	return nil
}
