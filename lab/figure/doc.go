// Package figure has the style that reports share: plots with their axes and colours, drawn as SVG
// within a page, and the style sheet of pages.
package figure
