package warehouse

import "path/filepath"

// forgetKey is the name of the file in an embedded warehouse's folder.
const forgetKey = "forget.key"

// ForgetKey names the file that holds the key of the hashes of those who were forgotten. It is no part of what is stored,
// published or backed up. Of a server it stands in the folder of the writers' locks.
func (o Options) ForgetKey() (string, error) {
	dir, local, err := o.folder()
	if err != nil || local {
		return filepath.Join(dir, forgetKey), err
	}
	options, err := o.server()
	if err != nil {
		return "", err
	}
	if dir, err = o.state(); err != nil {
		return "", err
	}
	return filepath.Join(dir, shortHash(serverPlace(options))+"."+forgetKey), nil
}

// ForgetKey is that of the options which opened it.
func (w *Warehouse) ForgetKey() (string, error) { return w.forgetKey() }
