package io.tokenflex.dataprep.record;

import io.tokenflex.data.Role;
import java.io.Serializable;

/** A turn on its way between tasks. */
public record StoredTurn(Role role, String text) implements Serializable {}
