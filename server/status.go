package server

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is the version of this program, as its build has it.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "dev"
}

// Status is what a process says of itself.
type Status struct {
	Properties map[string]string // its configuration; the caller leaves out secrets
	Found      func() bool       // whether it finds itself in the cluster; nil: always
}

// memory is what /status says of the memory: of Go, in bytes.
type memory struct {
	Max    uint64 `json:"maxMemory"` // what the process was told to stay below; else what it has
	Total  uint64 `json:"totalMemory"`
	Free   uint64 `json:"freeMemory"`
	Used   uint64 `json:"usedMemory"`
	Direct uint64 `json:"directMemory"` // none: there is no second heap
}

// Routes adds the endpoints below /status.
func (s *Status) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, map[string]any{"version": Version(), "modules": modules(), "memory": memoryNow()})
	})
	mux.HandleFunc("GET /status/health", func(w http.ResponseWriter, _ *http.Request) { WriteJSON(w, http.StatusOK, true) })
	mux.HandleFunc("GET /status/properties", func(w http.ResponseWriter, _ *http.Request) {
		out := s.Properties
		if out == nil {
			out = map[string]string{}
		}
		WriteJSON(w, http.StatusOK, out)
	})
	mux.HandleFunc("GET /status/selfDiscovered/status", func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, map[string]bool{"selfDiscovered": s.found()})
	})
	mux.HandleFunc("GET /status/selfDiscovered", func(w http.ResponseWriter, _ *http.Request) {
		status := http.StatusOK
		if !s.found() {
			status = http.StatusServiceUnavailable
		}
		WriteJSON(w, status, map[string]bool{"selfDiscovered": s.found()})
	})
}

func (s *Status) found() bool { return s.Found == nil || s.Found() }

// A module is a part that is built in.
type module struct {
	Name     string `json:"name"`
	Artifact string `json:"artifact"`
	Version  string `json:"version"`
}

// modules are the modules that this program is built of, as Go knows them.
func modules() []module {
	out := []module{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			out = append(out, module{d.Path, d.Path, strings.TrimPrefix(d.Version, "v")})
		}
	}
	return out
}

func memoryNow() memory {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	limit := uint64(debug.SetMemoryLimit(-1))
	return memory{Max: min(limit, 1<<63-1), Total: m.Sys - uint64(len(untouched)), Free: m.HeapIdle, Used: m.HeapInuse - uint64(len(untouched))}
}
