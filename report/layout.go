package report

import (
	_ "embed"
	"html/template"
)

var (
	//go:embed style.css
	style string
	//go:embed layout.gohtml
	text string
)

// layout is the page. It escapes all text of users.
var layout = template.Must(template.New("report").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(style) },
	"left":  func(t table, column int) bool { return column < t.Left },
}).Parse(text))
