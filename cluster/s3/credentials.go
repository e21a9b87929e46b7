package s3

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"github.com/ovatedb/ovate/internal/fault"
)

// credentials finds who we are: the configuration; the environment
// (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN); the profile
// AWS_PROFILE of AWS_SHARED_CREDENTIALS_FILE; the container's address
// (AWS_CONTAINER_CREDENTIALS_…). Else nobody, which public buckets allow.
func credentials(cfg Config) (aws.CredentialsProvider, error) {
	static := func(key, secret, token string) aws.CredentialsProvider {
		return aws.NewCredentialsCache(awscredentials.NewStaticCredentialsProvider(key, secret, token))
	}
	if (cfg.AccessKey == "") != (cfg.SecretKey == "") {
		return nil, fault.Invalidf("S3 credentials: expected both an access key and a secret key")
	}
	if cfg.AccessKey != "" {
		return static(cfg.AccessKey, cfg.SecretKey, ""), nil
	}
	if key, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"); key != "" && secret != "" {
		return static(key, secret, os.Getenv("AWS_SESSION_TOKEN")), nil
	}
	p, err := profile()
	if err != nil {
		return nil, err
	}
	if p["aws_access_key_id"] != "" {
		return static(p["aws_access_key_id"], p["aws_secret_access_key"], p["aws_session_token"]), nil
	}
	address := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if relative := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); address == "" && relative != "" {
		address = "http://169.254.170.2" + relative
	}
	if address != "" {
		return aws.NewCredentialsCache(endpointcreds.New(address, func(o *endpointcreds.Options) {
			o.AuthorizationToken = os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
		})), nil
	}
	return aws.AnonymousCredentials{}, nil
}

// profile reads the chosen part of the file of credentials, if there is one.
func profile() (map[string]string, error) {
	file := os.Getenv("AWS_SHARED_CREDENTIALS_FILE")
	if file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, nil
		}
		file = filepath.Join(home, ".aws", "credentials")
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Invalidf("S3 credentials: %v", err)
	}
	defer f.Close()
	return parseProfile(f, first(os.Getenv("AWS_PROFILE"), "default"))
}

// parseProfile reads name = value lines after [profile].
func parseProfile(r io.Reader, name string) (map[string]string, error) {
	out, inside := map[string]string{}, false
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			inside = strings.TrimSpace(strings.Trim(line, "[]")) == name
		case inside:
			if key, value, ok := strings.Cut(line, "="); ok {
				out[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
			}
		}
	}
	return out, lines.Err()
}
