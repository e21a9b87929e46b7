// Package fn owns the scalar functions: each file declares a small family and
// registers it with package expr, under its native name and under the names
// that SQL has for it. Importing the package is what makes them known.
package fn
