package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/zookeeper"
	"github.com/ovatedb/ovate/server"
)

// A role is a kind of process of a cluster.
type role struct {
	name  string // of the subcommand
	kind  string // as servers are announced
	port  int    // that it listens on if nobody says otherwise
	short string
	run   func(ctx context.Context, p *process) error
}

func roleCommands() []*cobra.Command {
	var out []*cobra.Command
	for _, r := range []role{
		{"master", cluster.Master, 8082, "Run a master: it decides which server loads what", runMaster},
		{"compute", cluster.Historical, 8081, "Run a compute server: it holds segments and answers for them", runCompute},
		{"broker", cluster.Broker, 8080, "Run a broker: it takes queries", runBroker},
	} {
		out = append(out, r.command())
	}
	return out
}

func (r role) command() *cobra.Command {
	var dir string
	var set []string
	cmd := &cobra.Command{
		Use:   r.name + " --config DIR",
		Short: r.short,
		Long: r.short + `, as one process of a cluster.

DIR/runtime.properties says how, in Druid's names of 2013 or today's.
SIGTERM ends it when what it was asked is answered.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return r.start(c.Context(), dir, set, c.ErrOrStderr()) },
	}
	cmd.Flags().StringVar(&dir, "config", "", "directory with runtime.properties")
	cmd.Flags().StringArrayVar(&set, "set", nil, "key=value: a property that wins over the file's; may be repeated")
	_ = cmd.MarkFlagRequired("config") // it was defined above
	return cmd
}

// A process is what all roles have.
type process struct {
	role     role
	config   *configuration
	log      *slog.Logger
	server   cluster.Server // as it is announced
	listener net.Listener
	mux      *http.ServeMux
	metrics  *server.Metrics
	zk       *zookeeper.Coordinator
	paths    zookeeper.Config
	view     *cluster.View
	secret   server.Secret // of the servers of this cluster; "": they trust each other
	drain    time.Duration
	front    func(http.Handler) http.Handler // before mux; nil: nothing
}

func (r role) start(ctx context.Context, dir string, set []string, logs io.Writer) (err error) {
	server.LeaveGarbage()
	c, err := readConfiguration(dir, set)
	if err != nil {
		return err
	}
	p := &process{role: r, config: c, mux: http.NewServeMux(), metrics: new(server.Metrics), view: cluster.NewView()}
	p.log = slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: logLevel(c)}))
	p.describe()
	if err := p.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	return r.run(ctx, p)
}

// logLevel is how much is logged.
func logLevel(c *configuration) slog.Level {
	levels := map[string]slog.Level{"trace": slog.LevelDebug, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	words := []string{"trace", "debug", "info", "warn", "error"}
	level := levels[c.oneOf(words, "info", "com.metamx.emitter.logging.level", "druid.emitter.logging.logLevel", "druid.emitter.logging.level")]
	if !c.flag(true, "com.metamx.emitter.logging") {
		level = max(level, slog.LevelWarn)
	}
	return level
}

// describe reads who this process is and where the others are.
func (p *process) describe() {
	c := p.config
	port := int(c.number(int64(p.role.port), "druid.port", "druid.plaintextPort"))
	host := c.text("127.0.0.1", "druid.host")
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), fmt.Sprint(port))
	}
	p.server = cluster.Server{Name: host, Host: host, Type: p.role.kind, Started: time.Now().UnixMilli()}
	p.paths = zookeeper.Config{
		Servers:       c.text("localhost:2181", "druid.zk.service.host"),
		Base:          strings.TrimRight(c.text("/druid", "druid.zk.paths.base"), "/"),
		Discovery:     c.text("", "druid.zk.paths.discoveryPath"),
		Announcements: c.text("", "druid.zk.paths.announcementsPath"),
		Segments:      c.text("", "druid.zk.paths.liveSegmentsPath", "druid.zk.paths.servedSegmentsPath"),
		LoadQueue:     c.text("", "druid.zk.paths.loadQueuePath"),
		Master:        c.text("", "druid.zk.paths.masterPath", "druid.zk.paths.coordinatorPath"),
		Service:       c.text(p.role.name, "druid.service"),
		Session:       c.period(30*time.Second, "druid.zk.service.sessionTimeoutMs"),
		Timeout:       c.period(15*time.Second, "druid.zk.service.connectionTimeoutMs"),
		Log:           p.log,
	}
	if p.paths.LoadQueue == "" {
		p.paths.LoadQueue = p.paths.Base + "/loadQueue"
	}
	p.secret = server.Secret(c.text("", "ovate.cluster.secret", "druid.escalator.internalClientPassword"))
	p.drain = c.period(30*time.Second, "druid.server.http.gracefulShutdownTimeout")
}

// open takes the port and joins the others.
func (p *process) open() (err error) {
	if _, _, err := net.SplitHostPort(p.server.Host); err != nil {
		return fmt.Errorf("druid.host: %w", err)
	}
	port := fmt.Sprint(p.config.number(int64(p.role.port), "druid.port", "druid.plaintextPort"))
	if p.listener, err = net.Listen("tcp", net.JoinHostPort(p.bind(), port)); err != nil {
		return fmt.Errorf("druid.port: %w", err)
	}
	if p.zk, err = zookeeper.New(p.paths); err != nil {
		return errors.Join(err, p.listener.Close())
	}
	p.metrics.Process()
	p.metrics.Routes(p.mux)
	status := server.Status{Properties: p.config.shown(), Found: func() bool { _, ok := p.view.Server(p.server.Name); return ok }}
	status.Routes(p.mux)
	return nil
}

// bind is the interface to listen on: all of them, unless the others are on this
// machine too.
func (p *process) bind() string {
	host, _, _ := net.SplitHostPort(p.server.Host) // it was checked
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() || p.config.flag(false, "druid.server.http.bindOnHost", "druid.bindOnHost") {
		return host
	}
	return ""
}

func (p *process) close() error { return errors.Join(p.zk.Close(), ignoreClosed(p.listener.Close())) }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// keep runs f again whenever it ends, until ctx does.
func (p *process) keep(ctx context.Context, what string, f func(context.Context) error) {
	for ctx.Err() == nil {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("a part of this process ended; it begins again", "part", what, "error", err)
		}
		pause(ctx, time.Second)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// wait waits until all of these are closed, for as long as it may.
func wait(ctx context.Context, patience time.Duration, all ...<-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, c := range all {
		select {
		case <-ctx.Done():
		case <-c:
		}
	}
}

// follow keeps the view of the cluster up to date.
func (p *process) follow(ctx context.Context) error {
	return p.view.Run(ctx, p.zk, func(key string, err error) {
		p.log.Warn("an announcement makes no sense", "key", key, "error", err)
	})
}

// announce makes this process known until ctx ends.
func (p *process) announce(ctx context.Context) error {
	value, err := json.Marshal(p.server)
	if err != nil {
		return err
	}
	return p.zk.Announce(ctx, cluster.ServerKey(p.server.Name), value)
}

// serve answers requests until ctx ends. Then leave says good-bye to the
// others, and what is under way is finished while new requests, from who has
// not heard it yet, are still taken.
func (p *process) serve(ctx context.Context, leave func()) error {
	if err := p.config.check(p.log, meaningless); err != nil {
		return err
	}
	var handler http.Handler = p.mux
	if p.front != nil {
		handler = p.front(handler)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug)}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(p.listener) }()
	p.log.Info("started", "role", p.role.name, "service", p.paths.Service, "at", p.server.Host, "version", server.Version(), "pid", os.Getpid())
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	p.log.Info("ending: what is under way is finished first")
	leave()
	time.Sleep(goodBye)
	bounded, cancel := context.WithTimeout(context.Background(), p.drain)
	defer cancel()
	if err := srv.Shutdown(bounded); err != nil {
		return fmt.Errorf("requests were broken off after %v: %w", p.drain, err)
	}
	return nil
}

// goodBye is how long it may take until others have heard that a server left.
const goodBye = 1500 * time.Millisecond
