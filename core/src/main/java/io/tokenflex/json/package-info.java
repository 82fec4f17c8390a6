/** JSON files of published models, read as Python's {@code json} module reads them. */
package io.tokenflex.json;
