//go:build !goexperiment.simd || !amd64

package vec

func detected() *simd { return nil }
