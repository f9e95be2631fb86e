"""The one writer of facts and customers, set-based: files by chunks, REST batches and single writes alike."""
